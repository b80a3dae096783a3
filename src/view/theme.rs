//! How Heard looks: colours, type scale and spacing, in one place.
//!
//! Two accents, one for each party, and neutral tones for all else. Nothing is told by colour alone: whatever has a colour
//! also has a shape, a place or a word.

use eframe::egui::{Color32, Context, CornerRadius, FontId, Margin, Stroke, TextStyle, Theme, Vec2, Visuals};

/// The colours of a theme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Palette {
    /// Behind everything.
    pub ground: Color32,
    /// Cards and fields.
    pub surface: Color32,
    /// What stands out of a card: a nudge, the button that goes on.
    pub raised: Color32,
    /// Hairlines and empty tracks.
    pub line: Color32,
    /// Text, at least 7:1 on `ground` and `surface`.
    pub ink: Color32,
    /// Text of the second rank, at least 4.5:1.
    pub dim: Color32,
    /// The rep.
    pub rep: Color32,
    /// The client.
    pub client: Color32,
}

const DARK: Palette = Palette {
    ground: Color32::from_rgb(0x14, 0x17, 0x1D),
    surface: Color32::from_rgb(0x1D, 0x21, 0x29),
    raised: Color32::from_rgb(0x2A, 0x30, 0x3B),
    line: Color32::from_rgb(0x3A, 0x41, 0x4E),
    ink: Color32::from_rgb(0xEE, 0xF1, 0xF5),
    dim: Color32::from_rgb(0xA3, 0xAC, 0xBA),
    rep: Color32::from_rgb(0x7F, 0xA8, 0xFF),
    client: Color32::from_rgb(0x5F, 0xD3, 0xB2),
};

const LIGHT: Palette = Palette {
    ground: Color32::from_rgb(0xF6, 0xF7, 0xF9),
    surface: Color32::from_rgb(0xFF, 0xFF, 0xFF),
    raised: Color32::from_rgb(0xE9, 0xEE, 0xF6),
    line: Color32::from_rgb(0xD3, 0xD9, 0xE2),
    ink: Color32::from_rgb(0x17, 0x1B, 0x22),
    dim: Color32::from_rgb(0x56, 0x5F, 0x6D),
    rep: Color32::from_rgb(0x2A, 0x5F, 0xD0),
    client: Color32::from_rgb(0x0B, 0x7A, 0x60),
};

/// Sizes of text in points, a scale of about 1.25.
pub mod text {
    pub const SMALL: f32 = 12.0;
    pub const BODY: f32 = 14.5;
    pub const LEAD: f32 = 18.0;
    pub const TITLE: f32 = 23.0;
}

/// Distances in points: a scale of doubling.
pub mod space {
    pub const HAIR: f32 = 4.0;
    pub const TIGHT: f32 = 8.0;
    pub const GAP: f32 = 16.0;
    pub const WIDE: f32 = 32.0;
    /// Corners of cards.
    pub const ROUND: u8 = 12;
}

impl Palette {
    /// The colours of a theme.
    pub fn of(theme: Theme) -> Palette {
        match theme {
            Theme::Dark => DARK,
            Theme::Light => LIGHT,
        }
    }

    /// The colours that this context draws with.
    pub fn current(ctx: &Context) -> Palette {
        Palette::of(ctx.theme())
    }
}

/// Gives both themes of a context our look, and makes the icons known.
pub fn apply(ctx: &Context) {
    egui_material_icons::initialize(ctx);
    for theme in [Theme::Dark, Theme::Light] {
        ctx.style_mut_of(theme, |style| {
            style.visuals = visuals(theme);
            style.text_styles = [
                (TextStyle::Small, FontId::proportional(text::SMALL)),
                (TextStyle::Body, FontId::proportional(text::BODY)),
                (TextStyle::Button, FontId::proportional(text::BODY)),
                (TextStyle::Heading, FontId::proportional(text::TITLE)),
                (TextStyle::Monospace, FontId::monospace(text::BODY)),
            ]
            .into();
            style.spacing.item_spacing = Vec2::splat(space::TIGHT);
            style.spacing.button_padding = Vec2::new(space::GAP - space::HAIR, space::TIGHT - 1.0);
            style.spacing.interact_size.y = 30.0;
            style.spacing.window_margin = Margin::same(space::GAP as i8);
        });
    }
}

fn visuals(theme: Theme) -> Visuals {
    let palette = Palette::of(theme);
    let mut visuals = match theme {
        Theme::Dark => Visuals::dark(),
        Theme::Light => Visuals::light(),
    };
    visuals.override_text_color = Some(palette.ink);
    visuals.weak_text_color = Some(palette.dim);
    visuals.panel_fill = palette.ground;
    visuals.window_fill = palette.surface;
    visuals.extreme_bg_color = palette.surface;
    visuals.faint_bg_color = palette.raised;
    visuals.hyperlink_color = palette.rep;
    visuals.selection.bg_fill = palette.rep.gamma_multiply(0.35);
    visuals.selection.stroke = Stroke::new(1.0, palette.rep);
    let corner = CornerRadius::same(space::ROUND / 2);
    for widget in [
        &mut visuals.widgets.noninteractive,
        &mut visuals.widgets.inactive,
        &mut visuals.widgets.hovered,
        &mut visuals.widgets.active,
        &mut visuals.widgets.open,
    ] {
        widget.corner_radius = corner;
    }
    visuals.widgets.noninteractive.bg_stroke = Stroke::new(1.0, palette.line);
    visuals.widgets.inactive.weak_bg_fill = palette.raised;
    visuals.widgets.inactive.bg_stroke = Stroke::new(1.0, palette.line);
    visuals
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance of WCAG 2.
    fn luminance(colour: Color32) -> f64 {
        let channel = |value: u8| {
            let value = f64::from(value) / 255.0;
            if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(colour.r()) + 0.7152 * channel(colour.g()) + 0.0722 * channel(colour.b())
    }

    fn contrast(a: Color32, b: Color32) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn everything_written_can_be_read() {
        for theme in [Theme::Dark, Theme::Light] {
            let palette = Palette::of(theme);
            for behind in [palette.ground, palette.surface, palette.raised] {
                assert!(contrast(palette.ink, behind) >= 7.0, "{theme:?} ink");
                assert!(contrast(palette.dim, behind) >= 4.5, "{theme:?} dim");
                for accent in [palette.rep, palette.client] {
                    assert!(contrast(accent, behind) >= 4.5, "{theme:?} accent {accent:?} on {behind:?}");
                }
            }
        }
    }
}
