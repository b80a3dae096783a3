//! Phrase tables and word lists as TOML: what is wrong in one is told with its file and its line.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A table that cannot be used: one sentence with the file and the line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}, line {line}: {what}")]
pub struct TableError {
    pub file: String,
    /// From 1.
    pub line: usize,
    pub what: String,
}

/// A parsed file that knows its lines.
#[derive(Debug)]
pub struct Table<'t> {
    file: &'t str,
    text: &'t str,
    root: DeTable<'t>,
    /// Where each line ends.
    ends: Vec<usize>,
}

/// One `[[phrase]]` entry: its keys with their values and the line they stand in.
#[derive(Debug)]
pub struct Entry {
    pub line: usize,
    pub values: Vec<(String, Value, usize)>,
}

/// What a key may hold.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Text(String),
    Number(f32),
    Flag(bool),
    /// Each with its line.
    Texts(Vec<(String, usize)>),
}

impl<'t> Table<'t> {
    /// # Errors
    /// If the text is not TOML.
    pub fn parse(file: &'t str, text: &'t str) -> Result<Table<'t>, TableError> {
        match DeTable::parse(text) {
            Ok(root) => {
                let ends =
                    text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at).collect();
                Ok(Table { file, text, root: root.into_inner(), ends })
            }
            Err(error) => {
                let line = error.span().map_or(1, |span| line_of(text, &span));
                Err(TableError { file: file.to_owned(), line, what: error.message().to_owned() })
            }
        }
    }

    pub fn at(&self, line: usize, what: impl Into<String>) -> TableError {
        TableError { file: self.file.to_owned(), line, what: what.into() }
    }

    /// An error about the key `name`, wherever it first stands.
    pub fn error(&self, name: &str, what: String) -> TableError {
        let line = self.text.lines().position(|line| line.contains(name)).map_or(1, |at| at + 1);
        self.at(line, what)
    }

    /// An error about something that is not there.
    pub fn missing(&self, what: String) -> TableError {
        self.at(1, what)
    }

    /// The names of all sections.
    pub fn sections(&self) -> Vec<String> {
        self.root.keys().map(|key| key.get_ref().to_string()).collect()
    }

    /// The keys of section `[name]`, each with the text it holds, in the order of the file.
    ///
    /// # Errors
    /// If a value is no text.
    pub fn words(&self, name: &str) -> Result<Vec<(String, String)>, TableError> {
        let Some(section) = self.root.get(name) else { return Ok(Vec::new()) };
        let DeValue::Table(section) = section.get_ref() else {
            return Err(self.error(name, format!("`{name}` must be a section with texts")));
        };
        let mut found = Vec::new();
        for (key, value) in section.iter() {
            let DeValue::String(text) = value.get_ref() else {
                return Err(
                    self.at(self.line_of(&value.span()), format!("`{}` must be a text", key.get_ref()))
                );
            };
            found.push((value.span().start, key.get_ref().to_string(), text.to_string()));
        }
        found.sort();
        Ok(found.into_iter().map(|(_, key, text)| (key, text)).collect())
    }

    /// The `[[name]]` entries, in the order of the file.
    ///
    /// # Errors
    /// If something else stands there.
    pub fn entries(&self, name: &str) -> Result<Vec<Entry>, TableError> {
        for (key, value) in self.root.iter() {
            if key.get_ref() != name {
                let line = self.line_of(&value.span());
                return Err(
                    self.at(line, format!("unknown section `{}`; only [[{name}]] is known", key.get_ref()))
                );
            }
        }
        let Some(list) = self.root.get(name) else { return Ok(Vec::new()) };
        let DeValue::Array(list) = list.get_ref() else {
            return Err(self.error(name, format!("`{name}` must be [[{name}]]")));
        };
        list.iter().map(|entry| self.entry(entry)).collect()
    }

    fn entry(&self, entry: &Spanned<DeValue<'t>>) -> Result<Entry, TableError> {
        let line = self.line_of(&entry.span());
        let DeValue::Table(keys) = entry.get_ref() else {
            return Err(self.at(line, "an entry is a table of keys"));
        };
        let mut values = Vec::new();
        for (key, value) in keys.iter() {
            let line = self.line_of(&value.span());
            values.push((key.get_ref().to_string(), self.value(value)?, line));
        }
        Ok(Entry { line, values })
    }

    fn line_of(&self, span: &Range<usize>) -> usize {
        self.ends.partition_point(|end| *end < span.start) + 1
    }

    fn value(&self, value: &Spanned<DeValue<'t>>) -> Result<Value, TableError> {
        let line = self.line_of(&value.span());
        match value.get_ref() {
            DeValue::String(text) => Ok(Value::Text(text.to_string())),
            DeValue::Boolean(flag) => Ok(Value::Flag(*flag)),
            DeValue::Float(number) => {
                number.as_str().parse().map(Value::Number).map_err(|_| self.at(line, "a number is expected"))
            }
            DeValue::Array(list) => {
                let mut texts = Vec::new();
                for item in list.iter() {
                    let line = self.line_of(&item.span());
                    let DeValue::String(text) = item.get_ref() else {
                        return Err(self.at(line, "a list of phrases holds texts only"));
                    };
                    texts.push((text.to_string(), line));
                }
                Ok(Value::Texts(texts))
            }
            _ => Err(self.at(line, "a text, true, a number such as 0.9, or a list of texts is expected")),
        }
    }
}

fn line_of(text: &str, span: &Range<usize>) -> usize {
    text.bytes().take(span.start).filter(|byte| *byte == b'\n').count() + 1
}
