//! All integration tests in one program, so that everything is linked once.

mod bad_files;
mod basic;
mod cli;
mod coach;
mod confine;
mod cues;
mod drawn;
mod engine;
mod fetch;
mod flow;
mod house;
mod laws;
mod lines;
mod live;
mod measure;
mod miniature;
mod model_files;
mod models;
mod overlaps;
mod real_time;
mod rig;
mod talks;
mod views;
mod windows;
mod words;
mod worker;
