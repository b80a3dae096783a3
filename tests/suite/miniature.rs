//! Writes small model files: the real form, a real vocabulary's size, random weights. whisper.cpp loads them and computes
//! with them; the words that come out mean nothing.

/// The file's parts, each to be changed before it is written.
#[derive(Clone)]
pub struct Miniature {
    pub magic: u32,
    /// Vocabulary, sound context, width, heads, layers, text context, width, heads, layers, sound bands, number format.
    pub numbers: [i32; 11],
    pub mels: i32,
    pub bins: i32,
    pub filters: Vec<f32>,
    /// What the file claims; written as it is.
    pub token_count: i32,
    pub tokens: Vec<Vec<u8>>,
    pub tensors: Vec<Tensor>,
}

#[derive(Clone)]
pub struct Tensor {
    pub dimensions: i32,
    pub name_length: i32,
    pub kind: i32,
    /// Innermost first.
    pub shape: Vec<i32>,
    pub name: Vec<u8>,
    pub data: Vec<u8>,
}

/// How the big tensors are stored.
#[derive(Clone, Copy, PartialEq)]
pub enum Stored {
    /// Well formed, but the native code cannot compute with it.
    F32,
    F16,
    Q8,
}

const F32: i32 = 0;
const F16: i32 = 1;
const Q8: i32 = 8;

impl Miniature {
    /// The smallest network that the loader accepts: one head, four encoder layers, one decoder layer.
    pub fn new(stored: Stored) -> Miniature {
        let width = 64;
        let format = match stored {
            Stored::F32 => 0,
            Stored::F16 => 1,
            // Version 2 of the blocks, as today's quantiser writes.
            Stored::Q8 => 2007,
        };
        let mut miniature = Miniature::empty();
        miniature.numbers = [51_864, 1500, width, 1, 4, 448, width, 1, 1, 80, format];
        miniature.tensors = Weights { stored, state: 7, tensors: Vec::new() }.of(width, 4, 1, 51_864);
        miniature
    }

    /// Without weights, as whisper.cpp's own files for tests are.
    pub fn empty() -> Miniature {
        // The first tokens are what the decoder looks for by name; the others only have to be there.
        let mut tokens: Vec<Vec<u8>> = [" ", " -", " '"].map(|token| token.as_bytes().to_vec()).into();
        tokens.extend((tokens.len()..50_257).map(|number| format!(" w{number}").into_bytes()));
        Miniature {
            magic: 0x6767_6d6c,
            numbers: [51_864, 1500, 64, 1, 4, 448, 64, 1, 1, 80, 1],
            mels: 80,
            bins: 201,
            filters: (0..80 * 201).map(|n| (n % 17) as f32 / 1000.0).collect(),
            token_count: 50_257,
            tokens,
            tensors: Vec::new(),
        }
    }

    pub fn bytes(&self) -> Vec<u8> {
        let mut out = self.magic.to_le_bytes().to_vec();
        let number = |out: &mut Vec<u8>, number: i32| out.extend(number.to_le_bytes());
        for part in self.numbers.into_iter().chain([self.mels, self.bins]) {
            number(&mut out, part);
        }
        out.extend(self.filters.iter().flat_map(|value| value.to_le_bytes()));
        number(&mut out, self.token_count);
        for token in &self.tokens {
            number(&mut out, token.len() as i32);
            out.extend(token);
        }
        for tensor in &self.tensors {
            for part in [tensor.dimensions, tensor.name_length, tensor.kind].iter().chain(&tensor.shape) {
                number(&mut out, *part);
            }
            out.extend(&tensor.name);
            out.extend(&tensor.data);
        }
        out
    }

    /// Where the sections end: header, filters, vocabulary, weights.
    pub fn ends(&self) -> [usize; 4] {
        let filters = 56 + 4 * self.filters.len();
        let vocabulary = filters + 4 + self.tokens.iter().map(|token| 4 + token.len()).sum::<usize>();
        [48, filters, vocabulary, self.bytes().len()]
    }
}

/// Makes every tensor of a network, small and random.
struct Weights {
    stored: Stored,
    state: u64,
    tensors: Vec<Tensor>,
}

impl Weights {
    fn of(mut self, width: i32, encoder: i32, decoder: i32, tokens: i32) -> Vec<Tensor> {
        let convolutions = if self.stored == Stored::F32 { F32 } else { F16 };
        self.put("encoder.positional_embedding", &[width, 1500], F32, 0.3);
        for (name, inner) in [("encoder.conv1", 80), ("encoder.conv2", width)] {
            self.put(&format!("{name}.weight"), &[3, inner, width], convolutions, 0.05);
            self.put(&format!("{name}.bias"), &[1, width], F32, 0.01);
        }
        self.norm("encoder.ln_post", width);
        self.put("decoder.positional_embedding", &[width, 448], F32, 0.3);
        self.big("decoder.token_embedding.weight", &[width, tokens]);
        self.norm("decoder.ln", width);
        for (side, layers, attentions) in
            [("encoder", encoder, &["attn"][..]), ("decoder", decoder, &["attn", "cross_attn"])]
        {
            for layer in 0..layers {
                let block = format!("{side}.blocks.{layer}");
                self.norm(&format!("{block}.mlp_ln"), width);
                for (part, inner, outer) in [("mlp.0", width, 4 * width), ("mlp.2", 4 * width, width)] {
                    self.big(&format!("{block}.{part}.weight"), &[inner, outer]);
                    self.put(&format!("{block}.{part}.bias"), &[outer], F32, 0.01);
                }
                for attention in attentions {
                    self.norm(&format!("{block}.{attention}_ln"), width);
                    for part in ["query", "key", "value", "out"] {
                        self.big(&format!("{block}.{attention}.{part}.weight"), &[width, width]);
                        if part != "key" {
                            self.put(&format!("{block}.{attention}.{part}.bias"), &[width], F32, 0.01);
                        }
                    }
                }
            }
        }
        self.tensors
    }

    fn norm(&mut self, name: &str, width: i32) {
        self.put(&format!("{name}.weight"), &[width], F32, 1.0);
        self.put(&format!("{name}.bias"), &[width], F32, 0.01);
    }

    fn big(&mut self, name: &str, shape: &[i32]) {
        let kind = match self.stored {
            Stored::F32 => F32,
            Stored::F16 => F16,
            Stored::Q8 => Q8,
        };
        self.put(name, shape, kind, 0.12);
    }

    fn put(&mut self, name: &str, shape: &[i32], kind: i32, size: f32) {
        let count = shape.iter().product::<i32>() as usize;
        let mut data = Vec::new();
        match kind {
            F32 => (0..count).for_each(|_| data.extend((size * self.random()).to_le_bytes())),
            F16 => (0..count).for_each(|_| data.extend(half(size * self.random()).to_le_bytes())),
            // A scale, then 32 whole numbers.
            _ => (0..count / 32).for_each(|_| {
                data.extend(half(size / 127.0).to_le_bytes());
                data.extend((0..32).map(|_| (127.0 * self.random()) as i8 as u8));
            }),
        }
        self.tensors.push(Tensor {
            dimensions: shape.len() as i32,
            name_length: name.len() as i32,
            kind,
            shape: shape.to_vec(),
            name: name.into(),
            data,
        });
    }

    /// −1 to 1, the same every time (xorshift).
    fn random(&mut self) -> f32 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        (self.state >> 40) as f32 / 8_388_608.0 - 1.0
    }
}

/// A number of ordinary size in sixteen bits; smaller ones become zero.
fn half(value: f32) -> u16 {
    let bits = value.to_bits();
    let (sign, exponent) = ((bits >> 16) as u16 & 0x8000, (bits >> 23 & 0xff) as i32 - 112);
    if exponent <= 0 { sign } else { sign | (exponent as u16) << 10 | (bits >> 13) as u16 & 0x3ff }
}

#[test]
fn halves_are_right() {
    for (value, bits) in [(1.0, 0x3c00), (-2.0, 0xc000), (0.5, 0x3800), (0.0, 0), (0.333_251_95, 0x3555)] {
        assert_eq!(half(value), bits, "{value}");
    }
}
