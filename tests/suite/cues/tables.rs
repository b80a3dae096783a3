//! Phrase tables of the user's own: what they add, and what is said about one that is wrong.

use heard::cues::{CueKind, Reader};
use heard::units::Party;

use super::kinds;

fn refused(table: &str) -> String {
    Reader::with_phrases([("own.toml", table)]).err().map(|error| error.to_string()).unwrap_or_default()
}

#[test]
fn a_phrase_of_ones_own_is_found() {
    let table = "[[phrase]]\nkind = \"rapport\"\nwhy = \"our greeting\"\nsure = 0.95\nsay = [\"^ glueck|glück auf\"]\n";
    let text = "well Glück auf the invoice is on page two";
    let mut plain = Reader::english().unwrap();
    assert!(!kinds(&mut plain, Party::Rep, "", text).contains(&CueKind::Rapport));
    let mut own = Reader::with_phrases([("own.toml", table)]).unwrap();
    assert!(kinds(&mut own, Party::Rep, "", text).contains(&CueKind::Rapport));
}

#[test]
fn a_mistake_is_told_with_file_and_line() {
    let entry = |line: &str| {
        format!("# mine\n[[phrase]]\nkind = \"trade\"\nwhy = \"w\"\nsay = [\"if you\"]\n{line}\n")
    };
    for (table, sentence) in [
        ("[[phrase]\n".to_owned(), "own.toml, line 1: "),
        ("[[rule]]\nkind = \"trade\"\n".to_owned(), "own.toml, line 1: unknown section `rule`"),
        ("[[phrase]]\nwhy = \"w\"\nsay = [\"a\"]\n".to_owned(), "own.toml, line 1: an entry needs `kind`"),
        (
            "[[phrase]]\nkind = \"trade\"\nsay = [\"a\"]\n".to_owned(),
            "own.toml, line 1: an entry needs `why`",
        ),
        (
            "[[phrase]]\nkind = \"barter\"\n".to_owned(),
            "own.toml, line 2: unknown kind `barter`; the kinds are open_question",
        ),
        (entry("sure = 2.0"), "own.toml, line 6: `sure` is a number above 0"),
        (entry("when = \"later\""), "own.toml, line 6: `when` is"),
        (entry("explicit = true"), "own.toml, line 6: what is `explicit` fires alone"),
        (entry("sure = 0.9\nexplicit = \"yes\""), "own.toml, line 7: `explicit` is true"),
        (entry("against = \"yes\""), "own.toml, line 6: `against` is true"),
        (entry("sayy = [\"a\"]"), "own.toml, line 6: unknown key `sayy`"),
        (
            entry("unless = [\n  \"but\",\n  \"<moods>\",\n]"),
            "own.toml, line 8: \"<moods>\": no class `moods`",
        ),
        (entry("unless = [\".. but\"]"), "own.toml, line 6: \".. but\": a phrase begins with a word"),
        (entry("unless = [\"maybe?\"]"), "own.toml, line 6: \"maybe?\": a phrase needs at least one word"),
        (entry("unless = [\"a $ b\"]"), "own.toml, line 6: \"a $ b\": `$` stands at the end only"),
        (entry("unless = [\"uh no\"]"), "own.toml, line 6: \"uh no\": `uh` is a filler"),
        (
            entry("unless = [\"can't|won't go\"]"),
            "own.toml, line 6: \"can't|won't go\": `can't` is more than one word",
        ),
    ] {
        let told = refused(&table);
        assert!(told.starts_with(sentence), "{table}\n{told}");
    }
}
