//! A call that is spoken into the sound server, to its last word: voices → devices → clips → words → cues.

use std::time::Duration;

use jiff::Zoned;
use jiff::civil::Weekday;

use super::{HEARD, LiveCall, Rig, pause};
use crate::basic::exchange::{Exchange, check};

#[test]
#[ignore = "needs PipeWire and PocketSphinx: make rig"]
fn a_spoken_call_gives_its_words_cues_ledger_and_promise() {
    let exchange = Exchange::speak();
    let rig = Rig::start("pipewire");
    let listening = LiveCall::start(rig.command(HEARD), &exchange.options());
    let mut players = [rig.play("mic", &exchange.rep), rig.play("system", &exchange.client)];
    players.iter_mut().for_each(|player| assert!(player.wait().expect("paplay runs").success()));
    pause(Duration::from_millis(500));
    let (live, said) = listening.stop();
    let due = check(&live, "live");
    println!("{said}");
    assert_eq!(due.weekday(), Weekday::Friday);
    let days = (due - Zoned::now().date()).get_days();
    assert!((0..=7).contains(&days), "due in {days} days");
}
