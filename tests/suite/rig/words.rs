//! A live call with words: the recogniser may die, the call does not notice.

use std::fs;
use std::process::Command;
use std::time::Duration;

use super::{HEARD, LiveCall, Rig, analyzed, demo, pause, split};
use crate::miniature::{Miniature, Stored};

#[test]
#[ignore = "needs PipeWire: make rig"]
fn live_with_words_whose_recogniser_is_killed_is_like_its_recording() {
    let rig = Rig::start("pipewire");
    let parts = split(&demo(), Duration::from_secs(30));
    let home = parts.folder.path();
    let (model, recorded) = (home.join("random.bin"), home.join("live.wav"));
    fs::write(&model, Miniature::new(Stored::F16).bytes()).expect("space on the disk");
    let import = Command::new(HEARD)
        .args(["models", "import", "--yes", "--name", "random"])
        .arg(&model)
        .env("XDG_DATA_HOME", home)
        .status();
    assert!(import.expect("heard runs").success());
    let mut command = rig.command(HEARD);
    command.env("XDG_DATA_HOME", home);
    let listening =
        LiveCall::start(command, &["--model", "random", "--record", recorded.to_str().expect("a name")]);
    let mut players = [rig.play("mic", &parts.rep), rig.play("system", &parts.client)];
    pause(Duration::from_secs(10));
    let parent = listening.child.id().to_string();
    let workers = Command::new("pgrep").args(["-P", &parent]).output().expect("pgrep runs").stdout;
    let worker = String::from_utf8(workers).expect("numbers").trim().to_owned();
    assert!(Command::new("kill").args(["-9", &worker]).status().expect("kill runs").success(), "{worker:?}");
    players.iter_mut().for_each(|player| assert!(player.wait().expect("paplay runs").success()));
    pause(Duration::from_millis(500));
    let (live, said) = listening.stop();
    let words = &live["words"];
    println!("words: {words}");
    assert_eq!((words["model"].as_str(), words["why"].as_str()), (Some("random"), None), "{said}");
    assert_eq!((words["coverage"].as_f64(), words["left_out"].as_u64()), (Some(1.0), Some(0)), "{said}");
    let replayed = analyzed(&recorded);
    for what in ["ipus", "turns", "overlaps", "talk", "patience", "nudges"] {
        assert_eq!(live[what], replayed[what], "{what}");
    }
}
