//! The weights of a Whisper model: which there are, of what shape, and how many bytes each takes.

use std::collections::HashMap;
use std::io::{Read, Seek};

use super::header::{Header, HeaderError, Reader, Section};

/// How the big tensors of a model are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weights {
    pub name: &'static str,
    /// Number of the format in a file's header.
    file: i32,
    /// Number of the type beside each tensor.
    kind: i32,
    /// Numbers in a block, and bytes that a block takes.
    block: usize,
    bytes: usize,
}

const F32: Weights = Weights { name: "f32", file: 0, kind: 0, block: 1, bytes: 4 };
const F16: Weights = Weights { name: "f16", file: 1, kind: 1, block: 1, bytes: 2 };

/// The formats that whisper.cpp's converter and quantiser write; a block is scales, then packed numbers. Its converter can also
/// write f32 throughout, but computing with such a file ends the process (its convolutions take f16 only).
const FORMATS: [Weights; 11] = [
    F16,
    Weights { name: "q4_0", file: 2, kind: 2, block: 32, bytes: 18 },
    Weights { name: "q4_1", file: 3, kind: 3, block: 32, bytes: 20 },
    Weights { name: "q8_0", file: 7, kind: 8, block: 32, bytes: 34 },
    Weights { name: "q5_0", file: 8, kind: 6, block: 32, bytes: 22 },
    Weights { name: "q5_1", file: 9, kind: 7, block: 32, bytes: 24 },
    Weights { name: "q2_k", file: 10, kind: 10, block: 256, bytes: 84 },
    Weights { name: "q3_k", file: 11, kind: 11, block: 256, bytes: 110 },
    Weights { name: "q4_k", file: 12, kind: 12, block: 256, bytes: 144 },
    Weights { name: "q5_k", file: 13, kind: 13, block: 256, bytes: 176 },
    Weights { name: "q6_k", file: 14, kind: 14, block: 256, bytes: 210 },
];

impl Weights {
    /// The format of that number, if rows of `width` can be cut into its blocks.
    pub(super) fn of_file(number: i32, width: i32) -> Option<Weights> {
        let format = FORMATS.into_iter().find(|format| format.file == number)?;
        usize::try_from(width).is_ok_and(|width| width % format.block == 0).then_some(format)
    }
}

/// One set of weights as it must be in the file.
struct Tensor {
    /// Innermost first; 1 where there is no such dimension.
    shape: [usize; 4],
    stored: Weights,
    seen: bool,
}

impl Tensor {
    fn bytes(&self) -> usize {
        self.shape.iter().product::<usize>() / self.stored.block * self.stored.bytes
    }
}

/// Longest name of a tensor.
const LONGEST_NAME: u32 = 64;

/// Checks everything after the vocabulary.
pub(super) fn check(reader: &mut Reader<impl Read + Seek>, header: &Header) -> Result<(), HeaderError> {
    let mut expected = expected(header);
    let of = expected.len();
    let mut found = 0;
    while reader.left > 0 {
        if found == of {
            return Err(HeaderError::Trailing);
        }
        one(reader, &mut expected)?;
        found += 1;
    }
    if found == of { Ok(()) } else { Err(HeaderError::Missing { missing: of - found, of }) }
}

fn one(
    reader: &mut Reader<impl Read + Seek>,
    expected: &mut HashMap<String, Tensor>,
) -> Result<(), HeaderError> {
    let dimensions = reader.u32(Section::Tensors)?;
    let length = reader.u32(Section::Tensors)?;
    let kind = reader.i32(Section::Tensors)?;
    let mut shape = [1; 4];
    if dimensions == 0 || dimensions > 4 {
        return Err(HeaderError::Claim { what: "weights with dimensions", value: dimensions.into() });
    }
    for extent in shape.iter_mut().take(dimensions as usize) {
        *extent = reader.u32(Section::Tensors)? as usize;
    }
    if length > LONGEST_NAME {
        return Err(HeaderError::Claim { what: "weights with a name", value: length.into() });
    }
    let name = reader.take(length as usize, Section::Tensors)?;
    let name = str::from_utf8(name).map_err(|_| HeaderError::UnknownTensor)?.to_owned();
    let tensor = expected.get_mut(&name).ok_or(HeaderError::UnknownTensor)?;
    let wrong = |what| HeaderError::Tensor { name: name.clone(), what };
    if tensor.seen {
        return Err(HeaderError::Twice(name));
    }
    if shape != tensor.shape {
        return Err(wrong("shape"));
    }
    if kind != tensor.stored.kind {
        return Err(wrong("type"));
    }
    reader.skip(tensor.bytes(), Section::Tensors)?;
    tensor.seen = true;
    Ok(())
}

/// Every tensor of a model of this shape, by name.
fn expected(header: &Header) -> HashMap<String, Tensor> {
    let width = header.width as usize;
    let mut list = List { found: HashMap::new(), width, stored: header.weights };
    list.plain("encoder.positional_embedding", &[width, 1500]);
    for (name, inner) in [("encoder.conv1", header.mels as usize), ("encoder.conv2", width)] {
        // Never quantised.
        list.add(format!("{name}.weight"), &[3, inner, width], F16);
        list.plain(&format!("{name}.bias"), &[1, width]);
    }
    list.norm("encoder.ln_post");
    list.plain("decoder.positional_embedding", &[width, 448]);
    let tokens = header.vocabulary as usize;
    list.add("decoder.token_embedding.weight".into(), &[width, tokens], header.weights);
    list.norm("decoder.ln");
    for layer in 0..header.encoder_layers {
        list.layer(&format!("encoder.blocks.{layer}"), &["attn"]);
    }
    for layer in 0..header.decoder_layers {
        list.layer(&format!("decoder.blocks.{layer}"), &["attn", "cross_attn"]);
    }
    list.found
}

struct List {
    found: HashMap<String, Tensor>,
    width: usize,
    stored: Weights,
}

impl List {
    fn add(&mut self, name: String, extents: &[usize], stored: Weights) {
        let mut shape = [1; 4];
        shape[..extents.len()].copy_from_slice(extents);
        self.found.insert(name, Tensor { shape, stored, seen: false });
    }

    fn plain(&mut self, name: &str, extents: &[usize]) {
        self.add(name.to_owned(), extents, F32);
    }

    fn norm(&mut self, name: &str) {
        self.plain(&format!("{name}.weight"), &[self.width]);
        self.plain(&format!("{name}.bias"), &[self.width]);
    }

    fn matrix(&mut self, name: &str, inner: usize, outer: usize, bias: bool) {
        self.add(format!("{name}.weight"), &[inner, outer], self.stored);
        if bias {
            self.plain(&format!("{name}.bias"), &[outer]);
        }
    }

    fn layer(&mut self, block: &str, attentions: &[&str]) {
        let width = self.width;
        self.norm(&format!("{block}.mlp_ln"));
        self.matrix(&format!("{block}.mlp.0"), width, 4 * width, true);
        self.matrix(&format!("{block}.mlp.2"), 4 * width, width, true);
        for attention in attentions {
            self.norm(&format!("{block}.{attention}_ln"));
            for (part, bias) in [("query", true), ("key", false), ("value", true), ("out", true)] {
                self.matrix(&format!("{block}.{attention}.{part}"), width, width, bias);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::models::manifest::Manifest;

    /// Bytes before the weights in the published models, English and of many languages: the same for every size and format.
    const BEFORE_WEIGHTS: [usize; 2] = [586_235, 572_465];

    /// Size of a whole file of that shape.
    fn file_size(header: &Header) -> usize {
        let tensors = expected(header);
        let one = |(name, tensor): (&String, &Tensor)| {
            let dimensions = match name.contains("conv") {
                true if name.ends_with("weight") => 3,
                true => 2,
                false => 1 + usize::from(tensor.shape[1] > 1),
            };
            12 + 4 * dimensions + name.len() + tensor.bytes()
        };
        BEFORE_WEIGHTS[usize::from(header.multilingual())] + tensors.iter().map(one).sum::<usize>()
    }

    #[test]
    fn the_table_gives_every_published_size_to_the_byte() {
        let mut compared = 0;
        for model in Manifest::bundled().models() {
            let Some(bytes) = model.bytes else { continue };
            let (size, format) = model.name.split_once('-').unwrap_or((&model.name, "f16"));
            let (size, english) = size.strip_suffix(".en").map_or((size, false), |size| (size, true));
            let (width, layers) = match size {
                "tiny" => (384, 4),
                "base" => (512, 6),
                "small" => (768, 12),
                other => panic!("what shape is {other}?"),
            };
            let header = Header {
                vocabulary: if english { 51_864 } else { 51_865 },
                width,
                encoder_layers: layers,
                decoder_layers: layers,
                mels: 80,
                weights: FORMATS.into_iter().find(|known| known.name == format).expect("a known format"),
                empty: false,
            };
            assert_eq!(file_size(&header) as u64, bytes, "{}", model.name);
            compared += 1;
        }
        assert_eq!(compared, 14);
    }

    #[test]
    fn rows_must_divide_into_blocks() {
        assert!(Weights::of_file(12, 384).is_none(), "a row of 384 is one and a half blocks of 256");
        assert!(Weights::of_file(12, 512).is_some());
        assert!(Weights::of_file(4, 512).is_none(), "a format without a type");
        assert!(Weights::of_file(0, 512).is_none(), "f32, which ends the process");
    }
}
