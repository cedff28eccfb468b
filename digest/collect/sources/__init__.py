"""One module a kind of source; each exports `Source`, as `digest.collect` describes it."""
