//! The published models, from `models/manifest.toml`, which is part of the program.

use std::sync::LazyLock;

use toml::de::{DeTable, DeValue};

use super::digest::Digest;

/// One published model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    pub name: String,
    /// Where the publisher told it.
    pub bytes: Option<u64>,
    pub sha256: Digest,
    /// In a phrase.
    pub good_for: String,
}

/// What is published, where, and under which licence.
#[derive(Debug)]
pub struct Manifest {
    source: String,
    licence: String,
    models: Vec<Known>,
}

static BUNDLED: LazyLock<Manifest> = LazyLock::new(|| {
    Manifest::parse(include_str!("../../../models/manifest.toml"))
        .expect("a test reads models/manifest.toml, which is part of the program")
});

impl Manifest {
    /// The manifest that came with the program.
    pub fn bundled() -> &'static Manifest {
        &BUNDLED
    }

    /// In the order of the file: what most people want first.
    pub fn models(&self) -> &[Known] {
        &self.models
    }

    pub fn licence(&self) -> &str {
        &self.licence
    }

    pub fn named(&self, name: &str) -> Option<&Known> {
        self.models.iter().find(|model| model.name == name)
    }

    pub fn of(&self, digest: Digest) -> Option<&Known> {
        self.models.iter().find(|model| model.sha256 == digest)
    }

    /// The known name most like `name`, if any is like it.
    pub fn near(&self, name: &str) -> Option<&str> {
        let likeness = |model: &&Known| strsim::jaro_winkler(&model.name, name);
        let best = self.models.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)))?;
        // As for settings: a slip or two in a word pass, unrelated words do not.
        (likeness(&best) > 0.8).then_some(&*best.name)
    }

    /// Address of the model's file: below `mirror`, or where it was published.
    pub fn address(&self, name: &str, mirror: Option<&str>) -> String {
        let base = mirror.unwrap_or(&self.source);
        format!("{}/ggml-{name}.bin", base.trim_end_matches('/'))
    }

    fn parse(text: &str) -> Option<Manifest> {
        let table = DeTable::parse(text).ok()?;
        let table = table.get_ref();
        let models = table.get("models")?.get_ref().as_table()?.iter();
        let mut models: Vec<_> = models.map(|(name, about)| (name.span().start, name, about)).collect();
        models.sort_by_key(|(at, ..)| *at);
        let known = |name: &str, about: &DeTable<'_>| -> Option<Known> {
            let bytes = match about.get("bytes") {
                Some(bytes) => Some(bytes.get_ref().as_integer()?.as_str().parse().ok()?),
                None => None,
            };
            Some(Known {
                name: name.to_owned(),
                bytes,
                sha256: text_of(about, "sha256")?.parse().ok()?,
                good_for: text_of(about, "good_for")?,
            })
        };
        Some(Manifest {
            source: text_of(table, "source")?,
            licence: text_of(table, "licence")?,
            models: models
                .into_iter()
                .map(|(_, name, about)| known(name.get_ref(), about.get_ref().as_table()?))
                .collect::<Option<_>>()?,
        })
    }
}

fn text_of(table: &DeTable<'_>, key: &str) -> Option<String> {
    match table.get(key)?.get_ref() {
        DeValue::String(text) => Some(text.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bundled_manifest_is_complete() {
        let manifest = Manifest::bundled();
        assert_eq!(manifest.models().len(), 15);
        for size in ["tiny", "base", "small"] {
            for name in [".en", ".en-q5_1", ".en-q8_0", "", "-q8_0"] {
                let name = format!("{size}{name}");
                let known = manifest.named(&name).unwrap_or_else(|| panic!("{name} is missing"));
                assert_eq!(manifest.of(known.sha256), Some(known), "two models share a digest");
                assert!(!known.good_for.is_empty() && known.bytes.is_none_or(|bytes| bytes > 10_000_000));
            }
        }
        assert_eq!(manifest.licence(), "MIT");
        assert_eq!(manifest.models()[0].name, "tiny.en");
    }

    #[test]
    fn addresses_are_pinned_or_below_the_mirror() {
        let manifest = Manifest::bundled();
        let published = manifest.address("base.en", None);
        assert!(published.starts_with("https://") && published.ends_with("958b1/ggml-base.en.bin"));
        let mirrored = manifest.address("tiny", Some("http://mirror.example/models/"));
        assert_eq!(mirrored, "http://mirror.example/models/ggml-tiny.bin");
    }

    #[test]
    fn a_slip_is_met_with_the_right_name() {
        assert_eq!(Manifest::bundled().near("bse.en"), Some("base.en"));
        assert_eq!(Manifest::bundled().near("whisper"), None);
    }

    #[test]
    fn a_manifest_with_a_mistake_is_none() {
        let right = "source='s'\nlicence='l'\n[models.a]\ngood_for='x'\nsha256='ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'\n";
        assert!(Manifest::parse(right).is_some());
        for (from, to) in
            [("sha256='ba", "sha256='xx"), ("good_for", "god_for"), ("source='s'", ""), ("='l'", "=3")]
        {
            assert!(Manifest::parse(&right.replace(from, to)).is_none(), "{to}");
        }
    }
}
