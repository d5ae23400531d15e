"""The far end of the wire against paper and against third parties."""
