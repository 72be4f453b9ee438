"""Rights fitted to use, both ways: what nobody uses is cut, what stopped work is explained."""
