//! A straight line through noisy timestamps that keeps forgetting: offset and drift of a device's clock.
//!
//! A Kalman filter with the two as its state is a running linear regression with two things more: it knows what drift a
//! crystal may have before it has seen any, and how sure it is. A dozen multiplications a block, no memory of the past.

use crate::units::TICKS_PER_SEC;

/// Ticks of a millisecond.
pub(super) const MILLI: f64 = TICKS_PER_SEC as f64 / 1000.0;

/// Deviation of one timestamp that the fit expects: half a usual block of 10 ms.
pub const JITTER: f64 = 5.0 * MILLI;
/// Drift expected of a crystal: ±100 ppm are sold, and resampling in drivers adds its own.
const USUAL_DRIFT: f64 = 200e-6;
/// Drift beyond which the fit must be wrong: begin anew.
const MAX_DRIFT: f64 = 1000e-6;
/// How fast drift itself wanders, as variance of drift per tick: 0.05 ppm in a second, about 1 ppm in seven minutes of
/// warming up. With jitter as above the fit then looks back some 100 s.
const WANDER: f64 = 0.05e-6 * 0.05e-6 / TICKS_PER_SEC as f64;

/// time = count + offset, and offset changes by `drift` a count.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fit {
    at: f64,
    offset: f64,
    drift: f64,
    /// Variances of offset and drift, and their covariance.
    var_offset: f64,
    var_drift: f64,
    covariance: f64,
}

impl Fit {
    pub fn new() -> Fit {
        Fit {
            at: 0.0,
            offset: 0.0,
            drift: 0.0,
            var_offset: 0.0,
            var_drift: USUAL_DRIFT * USUAL_DRIFT,
            covariance: 0.0,
        }
    }

    /// Begins at `count` with a first guess of the offset; the drift stays as known.
    pub fn anchor(&mut self, count: f64, offset: f64) {
        (self.at, self.offset) = (count, offset);
        self.step(0.0, JITTER * JITTER);
    }

    pub fn drift(&self) -> f64 {
        self.drift
    }

    pub fn offset_at(&self, count: f64) -> f64 {
        self.offset + self.drift * (count - self.at)
    }

    /// One step of the filter: `residual` is how far the measured offset at `count` is from the expected one.
    pub fn learn(&mut self, count: f64, residual: f64) {
        let step = count - self.at;
        self.at = count;
        self.offset += self.drift * step;
        self.var_offset += step * (2.0 * self.covariance + step * self.var_drift);
        self.covariance += step * self.var_drift;
        self.var_drift += WANDER * step;

        let total = self.var_offset + JITTER * JITTER;
        let (gain, drift_gain) = (self.var_offset / total, self.covariance / total);
        self.offset += gain * residual;
        self.drift += drift_gain * residual;
        self.var_drift -= drift_gain * self.covariance;
        self.var_offset -= gain * self.var_offset;
        self.covariance -= gain * self.covariance;
        if self.drift.abs() > MAX_DRIFT {
            (self.drift, self.var_drift) = (0.0, USUAL_DRIFT * USUAL_DRIFT);
            self.step(0.0, JITTER * JITTER);
        }
    }

    /// The offset has changed by `change`, known to a variance; the drift has not.
    pub fn step(&mut self, change: f64, variance: f64) {
        self.offset += change;
        self.var_offset = variance;
        self.covariance = 0.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_found_through_jitter() {
        let mut fit = Fit::new();
        fit.anchor(0.0, 1000.0);
        for block in 0..30_000 {
            let count = f64::from(block) * 160.0;
            let jitter = if block % 2 == 0 { JITTER } else { -JITTER };
            let measured = 1000.0 - 150e-6 * count + jitter;
            fit.learn(count, measured - fit.offset_at(count));
        }
        assert!((fit.drift() + 150e-6).abs() < 1e-6, "{}", fit.drift());
        let end = 30_000.0 * 160.0;
        assert!((fit.offset_at(end) - (1000.0 - 150e-6 * end)).abs() < 2.0);
    }

    #[test]
    fn an_impossible_drift_begins_anew() {
        let mut fit = Fit::new();
        fit.anchor(0.0, 0.0);
        for block in 0..1_000 {
            let count = f64::from(block) * 160.0;
            fit.learn(count, 0.01 * count - fit.offset_at(count));
        }
        assert!(fit.drift().abs() <= MAX_DRIFT);
    }
}
