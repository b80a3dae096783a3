//! Model files from strangers: what is wrong with one is told before native code sees it, and what is right passes.

use std::sync::LazyLock;
use std::time::Instant;

use heard::io::models::{Header, HeaderError, Section, check};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;

use crate::miniature::{Miniature, Stored};

#[test]
fn right_files_pass_in_every_format() {
    for (stored, name) in [(Stored::F16, "f16"), (Stored::Q8, "q8_0")] {
        let header = check(&Miniature::new(stored).bytes()).unwrap_or_else(|error| panic!("{name}: {error}"));
        let Header { vocabulary, width, encoder_layers, decoder_layers, mels, weights, empty } = header;
        assert_eq!((vocabulary, width, encoder_layers, decoder_layers, mels), (51_864, 64, 4, 1, 80));
        assert_eq!((weights.name, empty, header.multilingual()), (name, false, false));
    }
}

#[test]
fn a_file_without_weights_passes_and_says_so() {
    let mut miniature = Miniature::empty();
    assert!(check(&miniature.bytes()).is_ok_and(|header| header.empty));
    miniature.numbers = [51_865, 1500, 1280, 20, 32, 448, 1280, 20, 4, 80, 2009];
    let header = check(&miniature.bytes()).expect("the shape of a large one with few decoder layers");
    assert!(header.empty && header.multilingual() && header.weights.name == "q5_1");
}

#[test]
fn a_file_that_ends_anywhere_early_is_refused() {
    let whole = Miniature::new(Stored::Q8);
    let bytes = whole.bytes();
    let [header, filters, vocabulary, weights] = whole.ends();
    assert_eq!(weights, bytes.len());
    for (end, section) in [
        (4, Section::Header),
        (8, Section::Header),
        (header - 1, Section::Header),
        (header, Section::Filters),
        (filters - 1, Section::Filters),
        (filters, Section::Vocabulary),
        (filters + 6, Section::Vocabulary),
        (vocabulary - 1, Section::Vocabulary),
        (vocabulary + 3, Section::Tensors),
        (vocabulary + 13, Section::Tensors),
        (vocabulary + 30, Section::Tensors),
        (weights - 1, Section::Tensors),
    ] {
        assert_eq!(check(&bytes[..end]), Err(HeaderError::Cut(section)), "{end} bytes");
    }
    for end in 0..4 {
        assert_eq!(check(&bytes[..end]), Err(HeaderError::Magic), "{end} bytes");
    }
}

/// A change to a right file that makes it wrong, and what is said then.
type Wrong = (&'static str, fn(&mut Miniature), &'static str);

const WRONG: [Wrong; 38] = [
    ("magic", |m| m.magic = 0x4655_4747, "does not begin like"),
    ("vocabulary huge", |m| m.numbers[0] = i32::MAX, "a vocabulary of 2147483647"),
    ("vocabulary small", |m| m.numbers[0] = 100, "a vocabulary of 100"),
    ("vocabulary negative", |m| m.numbers[0] = -51_864, "a vocabulary of -51864"),
    ("sound context zero", |m| m.numbers[1] = 0, "a sound context of 0"),
    ("sound context huge", |m| m.numbers[1] = 1 << 30, "a sound context"),
    ("width zero", |m| m.numbers[2] = 0, "a width of 0"),
    ("width negative", |m| m.numbers[2] = -64, "a width of -64"),
    ("width odd", |m| m.numbers[2] = 65, "a width of 65"),
    ("width huge", |m| m.numbers[2] = 1 << 20, "a width"),
    ("heads zero", |m| m.numbers[3] = 0, "attention heads of 0"),
    ("layers zero", |m| m.numbers[4] = 0, "encoder layers of 0"),
    ("layers huge", |m| m.numbers[4] = 1_000_000, "encoder layers"),
    ("text context", |m| m.numbers[5] = -1, "a text context of -1"),
    ("text width differs", |m| m.numbers[6] = 128, "a text width of 128"),
    ("text heads differ", |m| m.numbers[7] = 2, "text heads of 2"),
    ("decoder layers negative", |m| m.numbers[8] = -4, "decoder layers of -4"),
    ("bands", |m| m.numbers[9] = 79, "sound bands of 79"),
    ("format unknown", |m| m.numbers[10] = 6, "a number format of 6"),
    ("format negative", |m| m.numbers[10] = -1, "a number format of -1"),
    ("format version", |m| m.numbers[10] = 99_001, "a number format of 99001"),
    ("filters differ from bands", |m| m.mels = 128, "sound filters of 128"),
    ("filters huge", |m| m.bins = i32::MAX, "filter bins of 2147483647"),
    ("filters no numbers", |m| m.filters[7] = f32::NAN, "sound filters are not numbers"),
    ("no tokens", |m| m.token_count = 0, "a vocabulary of 0"),
    ("tokens negative", |m| m.token_count = -1, "a vocabulary of 4294967295"),
    ("token huge", |m| m.tokens[9] = vec![b'x'; 300], "a token of its vocabulary claims 300 bytes"),
    ("needed token missing", |m| m.tokens[1] = b"x".to_vec(), "lacks tokens"),
    ("64 dimensions", |m| m.tensors[0].dimensions = 64, "weights with dimensions of 64"),
    ("no dimensions", |m| m.tensors[0].dimensions = 0, "weights with dimensions of 0"),
    ("name huge", |m| m.tensors[0].name_length = i32::MAX, "weights with a name of 2147483647"),
    ("name unknown", |m| m.tensors[3].name[0] = b'x', "no Whisper model of its kind has"),
    ("name no text", |m| m.tensors[3].name[0] = 0xff, "no Whisper model of its kind has"),
    ("type unknown", |m| m.tensors[5].kind = 1000, "have the wrong type"),
    ("shape overflows", |m| m.tensors[0].shape = vec![1 << 16, 1 << 16], "have the wrong shape"),
    ("shape negative", |m| m.tensors[0].shape = vec![-64, 1500], "have the wrong shape"),
    ("tensor twice", |m| m.tensors[2] = m.tensors[1].clone(), "are there twice"),
    ("tensor missing", |m| drop(m.tensors.pop()), "are missing"),
];

#[test]
fn crafted_files_are_refused_with_what_is_wrong() {
    let right = Miniature::new(Stored::F16);
    for (name, change, says) in WRONG {
        let mut wrong = right.clone();
        change(&mut wrong);
        let error = check(&wrong.bytes()).map_err(|error| error.to_string()).expect_err(name);
        assert!(error.contains(says), "{name}: {error}");
    }
    let f32 = check(&Miniature::new(Stored::F32).bytes());
    assert_eq!(f32, Err(HeaderError::Claim { what: "a number format", value: 0 }));
    let mut longer = right.bytes();
    longer.push(0);
    assert_eq!(check(&longer), Err(HeaderError::Trailing));
    let mut empty = Miniature::empty().bytes();
    empty.extend([0; 5]);
    assert_eq!(check(&empty), Err(HeaderError::Cut(Section::Tensors)));
}

fn mutated(right: &[u8], changes: &[(usize, u8)]) -> Vec<u8> {
    let mut bytes = right.to_vec();
    changes.iter().for_each(|&(at, value)| bytes[at] = value);
    bytes
}

/// Random changes, most of them where lengths and counts are: the header, the first tokens, the first tensors.
fn changes([header, filters, vocabulary, end]: [usize; 4]) -> impl Strategy<Value = Vec<(usize, u8)>> {
    let place = prop_oneof![
        4 => 0..header + 8,
        1 => filters..filters + 200,
        2 => filters..vocabulary,
        2 => vocabulary..vocabulary + 200,
        1 => 0..end,
    ];
    let value = prop_oneof![Just(0), Just(0xff), Just(0x7f), Just(0x80), any::<u8>()];
    prop::collection::vec((place, value), 1..6)
}

/// Whether the file passed; the law is that it says so without a panic, and that what passes has the length it claims.
fn law(bytes: &[u8]) -> bool {
    match check(bytes) {
        Ok(header) => {
            assert!(header.width > 0 && header.width <= 1280 && header.encoder_layers <= 32, "{header:?}");
            true
        }
        Err(error) => {
            assert!(!error.to_string().is_empty());
            false
        }
    }
}

/// A right file, and where its sections end.
static RIGHT: LazyLock<(Vec<u8>, [usize; 4])> = LazyLock::new(|| {
    let right = Miniature::new(Stored::Q8);
    (right.bytes(), right.ends())
});

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn changed_files_are_refused_or_still_right(changes in changes(RIGHT.1)) {
        law(&mutated(&RIGHT.0, &changes));
    }

    #[test]
    fn bytes_at_random_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..4096)) {
        let mut begun = 0x6767_6d6c_u32.to_le_bytes().to_vec();
        begun.extend(&bytes);
        assert!(!law(&bytes) && !law(&begun));
    }
}

#[test]
#[ignore = "prints how long a refusal takes: a hundred thousand changed files"]
fn a_hundred_thousand_changed_files() {
    const FILES: usize = 100_000;
    let (right, ends) = &*RIGHT;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let strategy = changes(*ends);
    let (mut refused, mut passed, mut slowest) = ((0, 0.0), (0, 0.0), 0.0_f64);
    let mut bytes = right.clone();
    for _ in 0..FILES {
        let changes = strategy.new_tree(&mut runner).expect("a strategy without conditions").current();
        changes.iter().for_each(|&(at, value)| bytes[at] = value);
        #[expect(clippy::disallowed_methods, reason = "it measures")]
        let begun = Instant::now();
        let right_still = law(&bytes);
        let millis = begun.elapsed().as_secs_f64() * 1000.0;
        let counted = if right_still { &mut passed } else { &mut refused };
        counted.0 += 1;
        counted.1 += millis;
        if !right_still {
            slowest = slowest.max(millis);
        }
        changes.iter().for_each(|&(at, _)| bytes[at] = right[at]);
    }
    assert_eq!(refused.0 + passed.0, FILES);
    println!(
        "{} refused ({:.3} ms each, slowest {slowest:.2} ms), {} still right ({:.3} ms each), 0 panics",
        refused.0,
        refused.1 / f64::from(refused.0 as u32),
        passed.0,
        passed.1 / f64::from(passed.0 as u32),
    );
}

#[test]
#[ignore = "needs a folder with published model files: HEARD_MODELS"]
fn published_files_pass() {
    let folder =
        std::env::var_os("HEARD_MODELS").expect("set HEARD_MODELS to a folder with ggml-*.bin files");
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).expect("the folder is there").flatten() {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.contains("ggml-") && name.ends_with(".bin") && !name.contains("silero") {
            let bytes = std::fs::read(&path).expect("a readable file");
            let header = check(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
            println!("{name}: {header:?}");
            seen += 1;
        }
    }
    assert!(seen > 0, "no model files there");
}

#[test]
#[ignore = "writes miniature models to the folder HEARD_MINIATURES, to be tried with whisper.cpp"]
fn write_miniatures() {
    let folder = std::env::var_os("HEARD_MINIATURES").expect("set HEARD_MINIATURES to a folder");
    for (stored, name) in [(Stored::F32, "f32"), (Stored::F16, "f16"), (Stored::Q8, "q8_0")] {
        let path = std::path::Path::new(&folder).join(format!("miniature-{name}.bin"));
        std::fs::write(path, Miniature::new(stored).bytes()).expect("a writable folder");
    }
}
