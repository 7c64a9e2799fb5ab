"""The product: a fresh VM for every queued job. One package a noun; docs/design/layout.md has the map."""
