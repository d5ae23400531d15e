"""The host's hands: links that own a wire, and one class per device over a link."""
