"""The words of WWKS 2: what an attribute that is one of a few may say. Source: devices notes 1.5 to 1.15."""

from enum import StrEnum, auto


def camel(name: str) -> str:
    """`REJECTED_NO_LOT` and `scan_code` as the protocol writes names: `RejectedNoLot`, `ScanCode`."""
    return name.replace("_", " ").title().replace(" ", "")


class Word(StrEnum):
    """Written as its name is, in the protocol's own way of writing names."""

    @staticmethod
    def _generate_next_value_(name: str, _start: int, _count: int, _last: list[str]) -> str:
        return camel(name)


class Reason(Word):
    """Why a message was not processed (1.5)."""

    SYNTAX_ERROR = auto()
    NOT_SUPPORTED = auto()
    DATA_ERROR = auto()
    TOO_MANY_REQUESTS = auto()


class State(Word):
    """Of a robot or one of its components (1.6)."""

    READY = auto()
    NOT_READY = auto()


class ComponentType(Word):
    """What a component is (1.6)."""

    STORAGE_SYSTEM = auto()
    BOX_SYSTEM = auto()


class Availability(Word):
    """Of an article (1.7)."""

    AVAILABLE = auto()
    RESERVED = auto()
    ORDERABLE = auto()
    NOT_AVAILABLE = auto()


class PackState(Word):
    """Of a pack (1.7)."""

    AVAILABLE = auto()
    NOT_AVAILABLE = auto()
    RESERVED = auto()


class Shape(Word):
    """Of a pack (1.7)."""

    CUBOID = auto()
    CYLINDER = auto()


class ExpirySource(Word):
    """Where a pack's expiry date comes from (1.7)."""

    UNKNOWN = auto()
    AUTO_CALCULATED = auto()
    MANUAL_ENTRY = auto()
    IT_SYSTEM = "ITSystem"
    OCR = "OCR"
    BARCODE = auto()
    INFEED = auto()


class LabelStatus(Word):
    """Of a pack that was to be labelled on its way out (1.7)."""

    LABELLED = auto()
    NOT_LABELLED = auto()
    LABEL_ERROR = auto()


class Verdict(Word):
    """What a robot is told to do with a pack on its belt, and what became of it (1.10)."""

    ALLOWED = auto()
    ALLOWED_FOR_FRIDGE = auto()
    REJECTED = auto()
    REJECTED_NO_EXPIRY_DATE = auto()
    REJECTED_NO_PICKING_INDICATOR = auto()
    REJECTED_NO_BATCH_NUMBER = auto()
    REJECTED_NO_SERIAL_NUMBER = auto()
    REJECTED_NO_STOCK_LOCATION = auto()
    REJECTED_INVALID_STOCK_LOCATION = auto()
    COMPLETED = auto()
    ABORTED = auto()


class Accepted(Word):
    """Whether a request was taken (1.8, 1.9, 1.11, 1.12)."""

    ACCEPTED = auto()
    REJECTED = auto()


class InitiateEnd(Word):
    """How an input that the PIS began has ended (1.11)."""

    COMPLETED = auto()
    INCOMPLETE = auto()


class InputTrouble(Word):
    """Why a pack of an input that the PIS began is not stored (1.11)."""

    REJECTED = auto()
    REJECTED_NO_EXPIRY_DATE = auto()
    REJECTED_INVALID_EXPIRY_DATE = auto()
    REJECTED_NO_PICKING_INDICATOR = auto()
    REJECTED_NO_BATCH_NUMBER = auto()
    REJECTED_NO_SERIAL_NUMBER = auto()
    REJECTED_NO_STOCK_LOCATION = auto()
    REJECTED_INVALID_STOCK_LOCATION = auto()
    QUEUE_FULL = auto()
    FRIDGE_MISSING = auto()
    UNKNOWN_PACK_DIMENSIONS = auto()
    MEASUREMENT_ERROR = auto()
    PACK_ACKNOWLEDGED = auto()
    INPUT_BROKEN = auto()
    NO_SPACE_IN_MACHINE = auto()
    NO_PACK_DETECTED = auto()


class InfeedRefusal(Word):
    """Why a robot does not take a feeder's pack (1.12)."""

    UNKNOWN_PACK_DIMENSIONS = auto()
    INPUT_BROKEN = auto()
    NO_SPACE_IN_MACHINE = auto()
    UNKNOWN_TENANT = auto()
    UNKNOWN_STOCK_LOCATION = auto()
    TASK_CANCELLED = auto()
    NO_SPACE_ON_BELT = auto()
    SYSTEM_NOT_ACTIVE = auto()
    INPUT_PROCESS_IN_PROGRESS = auto()


class InfeedPlace(Word):
    """Whether a feeder has placed its pack (1.12)."""

    PLACED = auto()
    ABORTED = auto()


class InfeedEnd(Word):
    """How a feeder's input has ended (1.12)."""

    COMPLETED = auto()
    ABORTED = auto()


class InfeedTrouble(Word):
    """Why a feeder's pack is not stored (1.12)."""

    NOT_ALLOWED = auto()
    EXPIRY_DATE_REQUIRED = auto()
    INVALID_EXPIRY_DATE = auto()
    STOCK_LOCATION_REQUIRED = auto()
    FRIDGE_REQUIRED = auto()
    BATCH_NUMBER_REQUIRED = auto()
    MEASUREMENT_ERROR = auto()
    PACK_ACKNOWLEDGED = auto()
    INPUT_BROKEN = auto()
    NO_SPACE_IN_MACHINE = auto()
    NO_PACK_PLACED = auto()
    TIMEOUT_WAITING_FOR_PACK = auto()
    UNKNOWN_TENANT = auto()
    UNKNOWN_STOCK_LOCATION = auto()
    TASK_CANCELLED = auto()
    EMERGENCY_STOP = auto()
    INTERNAL_ERROR = auto()


class Priority(Word):
    """Of an order (1.13). The first manual and its SDK know the three in the middle only."""

    LOWEST = auto()
    LOW = auto()
    NORMAL = auto()
    HIGH = auto()
    HIGHEST = auto()


class OrderStatus(Word):
    """What a robot says to an order (1.13). After REJECTED no OutputMessage ever comes."""

    QUEUED = auto()
    REJECTED = auto()


class OutputStatus(Word):
    """How far an order has come (1.13): the first three are final. The last four are known of one implementation only."""

    COMPLETED = auto()
    INCOMPLETE = auto()
    ABORTED = auto()
    BOX_RELEASED = auto()
    QUEUED = auto()
    IN_PROCESS = auto()
    ABORTING = auto()
    PARTIAL_DISPENSE = auto()


class TaskType(Word):
    """What kind of task is asked after (1.14)."""

    OUTPUT = auto()
    STOCK_DELIVERY = auto()


class TaskStatus(Word):
    """Of a task (1.14); UNKNOWN is one that the robot does not find."""

    UNKNOWN = auto()
    QUEUED = auto()
    IN_PROCESS = auto()
    ABORTING = auto()
    ABORTED = auto()
    COMPLETED = auto()
    INCOMPLETE = auto()


class CancelStatus(Word):
    """What a robot says to a cancellation (1.14)."""

    UNKNOWN = auto()
    CANCELLED = auto()
    CANCEL_ERROR = auto()


class Light(Word):
    """The lamp of an output (1.15)."""

    OFF = auto()
    ON = auto()
    BLINKING = auto()


class LightResult(Word):
    """Whether the lamp obeyed (1.15)."""

    OK = auto()
    ERROR = auto()
