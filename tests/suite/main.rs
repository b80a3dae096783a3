//! All integration tests in one program, so that everything is linked once.

mod bad_files;
mod cli;
mod coach;
mod confine;
mod cues;
mod drawn;
mod engine;
mod flow;
mod house;
mod laws;
mod lines;
mod live;
mod measure;
mod overlaps;
mod real_time;
mod rig;
