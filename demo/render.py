#!/usr/bin/env python3
"""Render the bundled demo call: script.json -> call.ogg (sound), truth.json (who spoke when, to 10 ms) and call.vtt (the words).

Why it exists: a first look at Heard needs a call, and nobody should have to lend a real one. The call is written and
rendered here, so its truth is known exactly: the same file shows the product and tests it.

    python3 demo/render.py            writes call.ogg, truth.json and call.vtt beside this file
    python3 demo/render.py --keep     also keeps clean.wav, the voices without noise and before coding
    python3 demo/render.py --words    writes call.vtt alone, from the truth.json that is there; needs nothing but Python

Needs Python 3.8 or later, `flite` (2.2) with its voices rms and slt, and `ffmpeg` with libvorbis. Nothing else, no network.
The same programs give the same bytes: every random number is seeded and the coder writes no dates or serial numbers.

How a line of the script is placed, by its keys:
    phones                  spoken sound by sound instead of from its text
    gap_ms                  starts so long after the last line ended (back-channels do not count as lines here)
    before_end_ms           starts so long before the last line ends
    before_end_ms, cut_ms   the same, and the last line breaks off cut_ms after this one began; `said` is what is left of it
    at_frac                 a back-channel, at this fraction of the line before it
"""
import array, collections, html, json, math, pathlib, random, re, shutil, subprocess, sys, tempfile, wave

HERE = pathlib.Path(__file__).resolve().parent
RATE = 16000
STEP = RATE // 100            # truth is told in 10 ms frames
LEAD_S, TAIL_S = 0.5, 0.5     # room before the first and after the last word
SPLIT_FRAMES = 20             # an inner silence of 200 ms ends a voiced span
VOICED_BELOW_PEAK_DB = 40     # a frame this far below its voice's loudest frame is silence
BACKCHANNEL_DB = -3           # people say "mm-hm" more softly
FADE = RATE // 50             # 20 ms: a voice that gives up does not click
QUALITY = 2                   # of the Vorbis coder, -1 to 10
PARTIES = ("rep", "other")    # left, right


def db(x):
    return 10 ** (x / 20)


def rms(samples):
    return math.sqrt(sum(s * s for s in samples) / max(1, len(samples)))


def frames_rms(samples):    # level of each 10 ms
    return [rms(samples[i:i + STEP]) for i in range(0, len(samples), STEP)]


def speak(line, voice, folder):
    """The sentences of one line as clean samples in -1..1, each spoken on its own."""
    path = f"{folder}/line.wav"
    parts = [("-p", f"pau {line['phones']} pau")] if "phones" in line else [("-t", t) for t in re.split(r"(?<=[.?!]) ", line["text"])]
    for how, what in parts:
        subprocess.run(["flite", "-voice", voice["voice"], "--setf", f"duration_stretch={1 / voice['speed']:.4f}",
                        how, what, "-o", path], check=True)
        with wave.open(path) as w:
            if (w.getframerate(), w.getnchannels(), w.getsampwidth()) != (RATE, 1, 2):
                sys.exit(f"flite voice {voice['voice']} is not 16 kHz mono; use its 16 kHz build")
            yield [s / 32768 for s in array.array("h", w.readframes(w.getnframes()))]


def spans(samples, floor):
    """Voiced spans in frames: frames above `floor`, with silences shorter than 200 ms bridged."""
    out = []
    for i, level in enumerate(frames_rms(samples)):
        if level >= floor and out and i - out[-1][1] < SPLIT_FRAMES:
            out[-1][1] = i + 1
        elif level >= floor:
            out.append([i, i + 1])
    return out


def voices(script, folder):
    """Every line spoken, trimmed to its own sound and brought to its party's level; returns lines and silence floors."""
    lines, floors = [dict(line) for line in script["lines"]], {}
    for who, voice in script["voices"].items():
        own = [(line, list(speak(line, voice, folder))) for line in lines if line["who"] == who]
        levels = [level for _, parts in own for part in parts for level in frames_rms(part)]
        floor = max(levels) * db(-VOICED_BELOW_PEAK_DB)
        loud = math.sqrt(sum(v * v for v in levels if v >= floor) / sum(v >= floor for v in levels))
        for line, parts in own:
            gain = db(voice["level_dbfs"] + (BACKCHANNEL_DB if line["kind"] == "backchannel" else 0)) / loud
            line["samples"] = []
            for part in parts:
                found = spans(part, floor)
                pause = [0.0] * (voice["pause_ms"] * RATE // 1000 if line["samples"] else 0)
                line["samples"] += pause + [s * gain for s in part[found[0][0] * STEP:found[-1][1] * STEP]]
        floors[who] = floor * db(voice["level_dbfs"] + BACKCHANNEL_DB) / loud
    return lines, floors


def cut(line, length):
    """A speaker who gives up: the rest of the line is dropped, the last 20 ms fade."""
    del line["samples"][length:]
    for i in range(1, FADE + 1):
        line["samples"][-i] *= i / FADE
    line.update(cut=True, said_text_approx=line["said"], text=line["said"])


def place(lines):
    """Give every line its start, in samples on the 10 ms grid."""
    last, grid = None, lambda seconds: round(seconds * 100) * STEP
    for line in lines:
        end = last["at"] + len(last["samples"]) if last else grid(LEAD_S)
        if "at_frac" in line:
            line["at"] = last["at"] + int(len(last["samples"]) * line["at_frac"]) // STEP * STEP
            continue
        if "before_end_ms" in line:
            line["at"] = end - grid(line["before_end_ms"] / 1000)
            if "cut_ms" in line:
                line["cuts_line"] = lines.index(last)
                cut(last, line["at"] + grid(line["cut_ms"] / 1000) - last["at"])
        else:
            line["at"] = end + grid(line["gap_ms"] / 1000)
        last = line
    return max(line["at"] + len(line["samples"]) for line in lines) + grid(TAIL_S)


def room(length, level_dbfs, seed):
    """Room noise: seeded white noise through a gentle low pass, so that it rumbles more than it hisses."""
    rng, low, out = random.Random(seed), 0.0, [0.0] * length
    for i in range(length):
        white = rng.random() - 0.5
        low += 0.08 * (white - low)
        out[i] = low + 0.06 * white
    gain = db(level_dbfs) / rms(out)
    return [s * gain for s in out]


def describe(line, i, floor):
    at = line["at"] / RATE
    told = {"i": i, "who": line["who"], "kind": line["kind"], "start": round(at, 3),
            "end": round(at + len(line["samples"]) / RATE, 3), "text": line["text"], "cues": line.get("cues", [])}
    told.update({key: line[key] for key in ("cut", "said_text_approx", "cuts_line") if key in line})
    told["voiced"] = [[round(at + a / 100, 3), round(at + b / 100, 3)] for a, b in spans(line["samples"], floor)]
    return told


def overlaps(lines):
    pairs = [(a, b) for a in lines for b in lines if a["i"] < b["i"] and a["who"] != b["who"]
             and max(a["start"], b["start"]) < min(a["end"], b["end"])]
    return [{"start": max(a["start"], b["start"]), "end": min(a["end"], b["end"]), "first": a["i"], "second": b["i"],
             "by": b["who"], "kind": b["kind"]} for a, b in pairs]


def floor_of(lines):
    """Who holds the floor: back-channels do not end it."""
    out = []
    for line in (line for line in lines if line["kind"] != "backchannel"):
        if not out or out[-1]["who"] != line["who"]:
            out.append({"who": line["who"], "start": line["start"], "end": line["end"], "lines": []})
        out[-1]["lines"].append(line["i"])
        out[-1].update(end=line["end"], seconds=round(line["end"] - out[-1]["start"], 2))
    return out


def stats(lines, crossings, floor):
    talk = {w: sum(b - a for l in lines if l["who"] == w and l["kind"] != "backchannel" for a, b in l["voiced"]) for w in PARTIES}
    count = lambda kind: {w: sum(l["who"] == w and l["kind"] == kind for l in lines) for w in PARTIES}
    cues = {w: collections.Counter(cue for l in lines if l["who"] == w for cue in l["cues"]) for w in PARTIES}
    return {"talk_s": {w: round(talk[w], 2) for w in PARTIES}, "rep_share": round(talk["rep"] / sum(talk.values()), 3),
            "turns": {w: sum(f["who"] == w for f in floor) for w in PARTIES},
            "interruptions": count("interruption"), "backchannels": count("backchannel"),
            "longest_floor_s": {w: max(f["seconds"] for f in floor if f["who"] == w) for w in PARTIES},
            "overlap_s": round(sum(o["end"] - o["start"] for o in crossings), 2), "cues": cues}


def write_wav(path, left, right):
    pcm = array.array("h", (round(max(-1.0, min(1.0, s)) * 32767) for pair in zip(left, right) for s in pair))
    with wave.open(path, "wb") as w:
        w.setparams((2, 2, RATE, 0, "NONE", ""))
        w.writeframes(pcm.tobytes())


def stamp(seconds):    # 83.4 -> 00:01:23.400
    whole, ms = divmod(round(seconds * 1000), 1000)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}.{ms:03}"


def transcript(names, told):
    """The call as a meeting platform writes it down (WebVTT): a cue for every line, with the speaker's name."""
    cues = [f"{stamp(line['start'])} --> {stamp(line['end'])}\n<v {names[line['who']]}>{html.escape(line['text'], quote=False)}</v>\n"
            for line in sorted(told, key=lambda line: line["start"])]
    return "\n".join(["WEBVTT\n"] + cues)


def main():
    script = json.loads((HERE / "script.json").read_text("utf-8"))
    words = HERE / (pathlib.Path(script["file"]).stem + ".vtt")
    if "--words" in sys.argv:
        told = json.loads((HERE / "truth.json").read_text("utf-8"))["lines"]
        words.write_text(transcript(script["names"], told), "utf-8")
        return
    missing = [tool for tool in ("flite", "ffmpeg") if not shutil.which(tool)]
    if missing:
        sys.exit(f"install {' and '.join(missing)} first, then run this again")
    with tempfile.TemporaryDirectory() as folder:
        lines, floors = voices(script, folder)
        length = place(lines)
        clean = {who: [0.0] * length for who in PARTIES}
        for line in lines:
            clean[line["who"]][line["at"]:line["at"] + len(line["samples"])] = line["samples"]
        noise = {w: room(length, script["voices"][w]["noise_dbfs"], script["voices"][w]["noise_seed"]) for w in PARTIES}
        mixed = {w: [a + b for a, b in zip(clean[w], noise[w])] for w in PARTIES}
        write_wav(f"{folder}/call.wav", mixed["rep"], mixed["other"])
        if "--keep" in sys.argv:
            write_wav(str(HERE / "clean.wav"), clean["rep"], clean["other"])
        subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", f"{folder}/call.wav", "-c:a", "libvorbis", "-q:a", str(QUALITY),
                        "-map_metadata", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact", str(HERE / script["file"])], check=True)
    told = [describe(line, i, floors[line["who"]]) for i, line in enumerate(lines)]
    crossings, floor = overlaps(told), floor_of(told)
    peak = lambda tracks: {w: round(max(map(abs, tracks[w])), 3) for w in PARTIES}
    truth = {"name": script["name"], "scenario": script["scenario"], "file": script["file"], "rate": RATE,
             "seconds": round(length / RATE, 3), "left": "rep", "right": "other", "voices": script["voices"], "echo": None,
             "noise": {w: script["voices"][w]["noise_dbfs"] for w in PARTIES}, "telephone": [], "peak": peak(mixed),
             "speech_peak": peak(clean), "stats": stats(told, crossings, floor), "lines": told, "overlaps": crossings, "floor": floor}
    (HERE / "truth.json").write_text(json.dumps(truth, indent=1, ensure_ascii=False) + "\n", "utf-8")
    words.write_text(transcript(script["names"], told), "utf-8")


main()
