//! Draws every state of every view, dark and light, into PNG files: `make pictures`.
//!
//! Needs a display (`make pictures` brings its own). Each state is drawn in a window of its size, which is asked for its picture.

use std::fs::{self, File};
use std::io::BufWriter;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use eframe::egui::{
    Color32, ColorImage, ScreenshotCallback, Theme, Ui, Vec2, ViewportBuilder, ViewportCommand, vec2,
};
use eframe::{App, Frame, NativeOptions};
use heard::view::overlay::{Look, SIZE, overlay};
use heard::view::theme::{self, Palette};
use heard::view::window::window;

/// Sample states, which the tests draw too.
#[path = "../tests/suite/views/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the samples stand among the tests")]
mod views;

/// A picture: its name, its size, and how it is drawn.
struct Picture {
    name: String,
    theme: Theme,
    size: Vec2,
    draw: Box<dyn Fn(&mut Ui)>,
}

fn pictures() -> Vec<Picture> {
    let mut pictures = Vec::new();
    for theme in [Theme::Dark, Theme::Light] {
        let named = |view: &str, state: &str| match theme {
            Theme::Dark => format!("{view}-{state}"),
            Theme::Light => format!("{view}-{state}-light"),
        };
        for (state, call) in views::overlay::samples() {
            let draw = move |ui: &mut Ui| {
                overlay(ui, &call, &Look::default());
            };
            pictures.push(Picture { name: named("overlay", state), theme, size: SIZE, draw: Box::new(draw) });
        }
        let (_, call) = views::overlay::samples().swap_remove(1);
        let draw = move |ui: &mut Ui| {
            overlay(ui, &call, &Look { held: true, ..Look::default() });
        };
        pictures.push(Picture { name: named("overlay", "held"), theme, size: SIZE, draw: Box::new(draw) });
        for (state, shown, form) in views::window::samples() {
            let draw = move |ui: &mut Ui| {
                window(ui, &shown, &mut form.clone());
            };
            let [width, height] = views::window::SIZE;
            pictures.push(Picture {
                name: named("window", state),
                theme,
                size: vec2(width, height),
                draw: Box::new(draw),
            });
        }
    }
    pictures
}

struct Studio {
    pictures: Vec<Picture>,
    folder: PathBuf,
    next: usize,
    /// Frames since the picture was begun: fonts and sizes need a few.
    frames: u32,
    taken: Arc<Mutex<Option<ColorImage>>>,
}

/// Frames before a picture is taken.
const SETTLED: u32 = 6;

impl App for Studio {
    fn ui(&mut self, ui: &mut Ui, _: &mut Frame) {
        let ctx = ui.ctx().clone();
        ctx.request_repaint();
        let Some(picture) = self.pictures.get(self.next) else {
            ctx.send_viewport_cmd(ViewportCommand::Close);
            return;
        };
        ctx.set_theme(picture.theme);
        if self.frames == 0 {
            ctx.send_viewport_cmd(ViewportCommand::InnerSize(picture.size));
        }
        ui.painter().rect_filled(ui.max_rect(), 0, Palette::of(picture.theme).ground);
        (picture.draw)(ui);
        self.frames += 1;
        if self.frames == SETTLED {
            let taken = self.taken.clone();
            ctx.send_viewport_cmd(ViewportCommand::Screenshot(ScreenshotCallback::new(move |image| {
                *taken.lock().expect("one thread") = Some((*image).clone());
            })));
        }
        let image = self.taken.lock().expect("one thread").take();
        if let Some(image) = image {
            save(&self.folder.join(format!("{}.png", picture.name)), &image);
            self.next += 1;
            self.frames = 0;
        }
    }
}

fn save(path: &std::path::Path, image: &ColorImage) {
    let file = BufWriter::new(File::create(path).expect("a file that can be written"));
    let [width, height] = image.size;
    let mut encoder = png::Encoder::new(file, width as u32, height as u32);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_compression(png::Compression::High);
    let bytes: Vec<u8> =
        image.pixels.iter().flat_map(|pixel: &Color32| [pixel.r(), pixel.g(), pixel.b()]).collect();
    let mut writer = encoder.write_header().expect("a header");
    writer.write_image_data(&bytes).expect("an image");
}

fn main() -> eframe::Result {
    let folder = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| "docs/pictures".to_owned()));
    fs::create_dir_all(&folder).expect("a folder that can be made");
    let options = NativeOptions {
        viewport: ViewportBuilder::default().with_decorations(false).with_inner_size([820.0, 720.0]),
        ..NativeOptions::default()
    };
    eframe::run_native(
        "pictures",
        options,
        Box::new(|creation| {
            theme::apply(&creation.egui_ctx);
            Ok(Box::new(Studio { pictures: pictures(), folder, next: 0, frames: 0, taken: Arc::default() }))
        }),
    )
}
