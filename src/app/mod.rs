//! The windows around the views: what a call tells is folded into what they show, and what the user asks for is done.
