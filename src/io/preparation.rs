//! What the rep prepared for a call: a small TOML file with a shared goal, questions, and what is given for what.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::cues::Preparation;
use crate::cues::preparation::MOST_QUESTIONS;
use crate::io::write_whole;

/// Why a preparation cannot be used. Each message names the file and the next step.
#[derive(Debug, thiserror::Error)]
pub enum PreparationError {
    #[error("the preparation {} cannot be read ({cause}); check the name and the folder", path.display())]
    Read { path: PathBuf, cause: io::Error },
    #[error("the preparation {}, line {line}: {what}", path.display())]
    Wrong { path: PathBuf, line: usize, what: String },
    #[error("the preparation {} has {found} questions; keep the {MOST_QUESTIONS} that matter most", path.display())]
    TooMany { path: PathBuf, found: usize },
}

/// Reads a preparation: `shared_goal = "…"`, `questions = ["…"]`, and `[[trades]]` with `give` and `get`.
///
/// # Errors
/// If the file cannot be read, or holds something else.
pub fn read(path: &Path) -> Result<Preparation, PreparationError> {
    let text =
        fs::read_to_string(path).map_err(|cause| PreparationError::Read { path: path.to_owned(), cause })?;
    let prepared: Preparation = toml::from_str(&text).map_err(|error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let what = error.message().lines().next().unwrap_or("this is no preparation").to_owned();
        PreparationError::Wrong { path: path.to_owned(), line: before.matches('\n').count() + 1, what }
    })?;
    match prepared.questions.len() {
        found if found > MOST_QUESTIONS => Err(PreparationError::TooMany { path: path.to_owned(), found }),
        _ => Ok(prepared),
    }
}

/// Keeps a preparation where [`read`] finds it again.
///
/// # Errors
/// If the file cannot be written; what was there before is still there then.
pub fn keep(path: &Path, prepared: &Preparation) -> io::Result<()> {
    write_whole(path, &written(prepared))
}

/// As a file. A JSON text is a TOML text too.
fn written(prepared: &Preparation) -> String {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let mut file = String::from("# What was prepared for a call.\n");
    if let Some(goal) = &prepared.shared_goal {
        file.push_str(&format!("shared_goal = {}\n", quoted(goal)));
    }
    let questions: Vec<String> = prepared.questions.iter().map(|question| quoted(question)).collect();
    file.push_str(&format!("questions = [{}]\n", questions.join(", ")));
    for trade in &prepared.trades {
        file.push_str(&format!(
            "\n[[trades]]\ngive = {}\nget = {}\n",
            quoted(&trade.give),
            quoted(&trade.get)
        ));
    }
    file
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_is_kept_is_found_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("new/preparation.toml");
        let prepared = Preparation {
            shared_goal: Some("\"On time\", \\ both of us\nwant – ü".to_owned()),
            questions: vec!["What's #1?".to_owned(), String::new()],
            trades: vec![crate::cues::preparation::GiveAndGet {
                give: "5 % off".into(),
                get: "[three] years".into(),
            }],
        };
        keep(&path, &prepared).expect("kept");
        assert_eq!(read(&path).expect("read"), prepared);
        keep(&path, &Preparation::default()).expect("kept");
        assert_eq!(read(&path).expect("read"), Preparation::default());
    }

    use super::*;

    fn check(text: &str) -> Result<Preparation, String> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("prep.toml");
        fs::write(&path, text).expect("a writable folder");
        read(&path).map_err(|error| error.to_string().replace(&path.display().to_string(), "FILE"))
    }

    #[test]
    fn a_preparation_is_read() {
        let text = "shared_goal = \"We both want a date that holds\"\nquestions = [\"What would success look like?\"]\n\
                    [[trades]]\ngive = \"ten percent\"\nget = \"two years\"\n";
        let prepared = check(text).expect("a preparation");
        assert_eq!((prepared.questions.len(), prepared.trades.len()), (1, 1));
        assert_eq!(check(""), Ok(Preparation::default()));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        for (text, says) in [
            ("questions = []\ngoal = \"x\"\n", "the preparation FILE, line 2: unknown field `goal`"),
            ("questions = 3\n", "the preparation FILE, line 1: invalid type"),
            ("x = = 3\n", "the preparation FILE, line 1: "),
            (
                "questions = [\"a\",\"b\",\"c\",\"d\",\"e\",\"f\"]\n",
                "the preparation FILE has 6 questions; keep the 5",
            ),
        ] {
            let error = check(text).expect_err("refused");
            assert!(error.starts_with(says), "{error}");
        }
        assert!(read(Path::new("no/such.toml")).is_err());
    }
}
