"""The two ways in which bytes and messages can be wrong."""


class FrameError(ValueError):
    """Their bytes are wrong: what arrived is not a frame of this protocol, or says something it cannot say."""


class MessageError(ValueError):
    """Our message is wrong: it cannot be said in this protocol."""
