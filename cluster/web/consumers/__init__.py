"""Channels' side of things: the control-plane worker and the page's socket."""
