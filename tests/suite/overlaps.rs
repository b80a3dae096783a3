//! Every class of overlap and its near miss, drawn. A column is a tenth of a second.

use std::fmt::Write as _;

use expect_test::{Expect, expect};
use heard::config::Settings;
use heard::turns::{Class, Outcome, TurnEvent};

/// Final overlaps and live floor bids of a drawing, in the order in which they are told.
fn check(drawing: &str, expected: Expect) {
    let mut text = String::new();
    for (told, event) in crate::drawn::converse(&crate::drawn::parse(drawing), &Settings::default()).events {
        let told = told.as_secs_f64();
        let _ = match event {
            TurnEvent::FloorBid { by, onset } => {
                writeln!(text, "{told:.2}: {by} bids for the floor from {:.1} on", onset.as_secs_f64())
            }
            TurnEvent::BidDropped { by, .. } => writeln!(text, "{told:.2}: {by} bid for nothing"),
            TurnEvent::TalkingOver { since } => {
                writeln!(text, "{told:.2}: rep talks over the client since {:.1}", since.as_secs_f64())
            }
            TurnEvent::Overlap(overlap) => {
                let class = match (overlap.class, overlap.outcome) {
                    (Class::Interruption, Some(Outcome::Successful)) => "interrupts".to_owned(),
                    (Class::Interruption, Some(Outcome::Unsuccessful)) => "interrupts in vain".to_owned(),
                    (class, _) => format!("{class:?}").to_lowercase(),
                };
                let (start, end) = (overlap.stretch.start.as_secs_f64(), overlap.stretch.end.as_secs_f64());
                writeln!(text, "{told:.2}: {} {class}, {start:.1} to {end:.1}", overlap.by)
            }
            _ => continue,
        };
    }
    expected.assert_eq(&text);
}

#[test]
fn both_beginning_at_once_is_a_collision() {
    check(
        "rep     ....................##########################
         client  ......................########................",
        expect![[r#"
            4.00: client collision, 2.2 to 3.0
        "#]],
    );
}

#[test]
fn beginning_three_tenths_later_is_not() {
    check(
        "rep     ....................############################################
         client  .......................###############..........................",
        expect![[r#"
            2.80: client bids for the floor from 2.3 on
            3.60: rep talks over the client since 2.3
            4.80: client interrupts in vain, 2.3 to 3.8
        "#]],
    );
}

#[test]
fn resuming_after_an_own_pause_as_the_other_begins_is_a_collision() {
    check(
        "rep     ####################...###########################
         client  .....................##################...........",
        expect![[r#"
            3.30: rep talks over the client since 2.3
            4.90: rep collision, 2.3 to 3.9
        "#]],
    );
}

#[test]
fn a_sign_of_listening_into_a_breath_is_a_backchannel() {
    check(
        "rep     ####################....##########################
         client  .....................#####........................",
        expect![[r#"
            3.60: client backchannel, 2.4 to 2.6
        "#]],
    );
}

#[test]
fn a_short_sign_of_listening_is_a_backchannel() {
    check(
        "rep     ##########################################
         client  ...............####.......................",
        expect![[r#"
            2.90: client backchannel, 1.5 to 1.9
        "#]],
    );
}

#[test]
fn a_spelled_out_sign_of_listening_is_a_backchannel() {
    check(
        "rep     ##########################################
         client  ...............############...............",
        expect![[r#"
            2.00: client bids for the floor from 1.5 on
            3.70: client backchannel, 1.5 to 2.7
            3.70: client bid for nothing
        "#]],
    );
}

#[test]
fn the_holder_may_pause_for_a_backchannel() {
    check(
        "rep     ##################.........###############
         client  ...............#####......................",
        expect![[r#"
            3.00: client backchannel, 1.5 to 1.8
        "#]],
    );
}

#[test]
fn more_than_a_sign_of_listening_that_gives_up_interrupts_in_vain() {
    check(
        "rep     ######################################################
         client  ...............##################.....................",
        expect![[r#"
            2.00: client bids for the floor from 1.5 on
            2.80: rep talks over the client since 1.5
            4.30: client interrupts in vain, 1.5 to 3.3
        "#]],
    );
}

#[test]
fn coming_in_over_the_last_words_is_terminal() {
    check(
        "rep     .............#########################
         client  ################......................",
        expect![[r#"
            2.60: rep terminal, 1.3 to 1.6
        "#]],
    );
}

#[test]
fn coming_in_over_the_last_half_second_is_terminal_but_not_over_more() {
    check(
        "rep     ...........###########################
         client  ################......................",
        expect![[r#"
            1.60: rep bids for the floor from 1.1 on
            2.60: rep terminal, 1.1 to 1.6
            2.60: rep bid for nothing
        "#]],
    );
    check(
        "rep     ..........############################
         client  ################......................",
        expect![[r#"
            1.50: rep bids for the floor from 1.0 on
            2.60: rep interrupts, 1.0 to 1.6
        "#]],
    );
}

#[test]
fn a_voice_that_breaks_off_at_once_was_cut_off() {
    check(
        "rep     .............#########################
         client  ###############!......................",
        expect![[r#"
            2.60: rep interrupts, 1.3 to 1.6
        "#]],
    );
}

#[test]
fn a_short_word_that_breaks_off_was_not() {
    check(
        "rep     ..................#########################
         client  .............#######!......................",
        expect![[r#"
            3.10: rep terminal, 1.8 to 2.1
        "#]],
    );
}

#[test]
fn a_long_overlap_that_the_holder_loses_is_an_interruption() {
    check(
        "rep     ...............#########################
         client  #########################...............",
        expect![[r#"
            2.00: rep bids for the floor from 1.5 on
            2.50: rep talks over the client since 1.5
            3.50: rep interrupts, 1.5 to 2.5
        "#]],
    );
}

#[test]
fn a_sign_of_listening_after_yielding_changes_nothing() {
    check(
        "rep     ...............##############################
         client  #########################......####..........",
        expect![[r#"
            2.00: rep bids for the floor from 1.5 on
            2.50: rep talks over the client since 1.5
            4.00: rep interrupts, 1.5 to 2.5
            4.50: client backchannel, 3.1 to 3.5
        "#]],
    );
}

#[test]
fn reclaiming_the_floor_makes_it_vain() {
    check(
        "rep     ...............##################....................
         client  #########################......######################",
        expect![[r#"
            2.00: rep bids for the floor from 1.5 on
            2.50: rep talks over the client since 1.5
            4.30: rep interrupts in vain, 1.5 to 3.3
        "#]],
    );
}

#[test]
fn both_stopping_and_nobody_going_on_is_a_mutual_stop() {
    check(
        "rep     ...............################..................................
         client  ##############################...................................",
        expect![[r#"
            2.00: rep bids for the floor from 1.5 on
            2.50: rep talks over the client since 1.5
            5.10: rep mutualstop, 1.5 to 3.0
            5.10: rep bid for nothing
        "#]],
    );
}

#[test]
fn both_stopping_is_decided_by_who_goes_on() {
    check(
        "rep     ...............################..............################
         client  ##############################...............................",
        expect![[r#"
            2.00: rep bids for the floor from 1.5 on
            2.50: rep talks over the client since 1.5
            5.50: rep interrupts, 1.5 to 3.0
        "#]],
    );
    check(
        "rep     ...............################..............................
         client  ##############################...............################",
        expect![[r#"
            2.00: rep bids for the floor from 1.5 on
            2.50: rep talks over the client since 1.5
            5.50: rep interrupts in vain, 1.5 to 3.0
        "#]],
    );
}

#[test]
fn who_goes_on_later_than_two_seconds_decides_nothing() {
    check(
        "rep     ...............################......................################
         client  ##############################.......................................",
        expect![[r#"
            2.00: rep bids for the floor from 1.5 on
            2.50: rep talks over the client since 1.5
            5.10: rep mutualstop, 1.5 to 3.0
            5.10: rep bid for nothing
        "#]],
    );
}

#[test]
fn a_touch_of_voices_is_nothing() {
    check(
        "rep     ................#########################
         client  ################.........................",
        expect![[""]],
    );
}

#[test]
fn a_new_contest_in_the_shadow_of_the_last_is_told_too() {
    check(
        "rep     ##################################################
         client  ..........####..........####.......####...........",
        expect![[r#"
            2.40: client backchannel, 1.0 to 1.4
            4.90: client backchannel, 2.4 to 3.9
        "#]],
    );
}

#[test]
fn two_short_signs_in_a_row_are_still_listening() {
    check(
        "rep     ##################################################
         client  ..........####....###.............................",
        expect![[r#"
            3.10: client backchannel, 1.0 to 2.1
        "#]],
    );
}

#[test]
fn bursts_that_add_up_are_more_than_listening() {
    check(
        "rep     ############################################################
         client  ..........########...########.........#.....................",
        expect![[r#"
            1.50: client bids for the floor from 1.0 on
            4.90: client interrupts in vain, 1.0 to 3.9
        "#]],
    );
}
