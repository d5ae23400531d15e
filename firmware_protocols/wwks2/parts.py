"""What messages are made of, in one place: `stock` and `orders`."""

from firmware_protocols.wwks2.orders import (
    Box as Box,
)
from firmware_protocols.wwks2.orders import (
    CancelledInfeed as CancelledInfeed,
)
from firmware_protocols.wwks2.orders import (
    CancelledOutput as CancelledOutput,
)
from firmware_protocols.wwks2.orders import (
    CancelledTask as CancelledTask,
)
from firmware_protocols.wwks2.orders import (
    CancelTask as CancelTask,
)
from firmware_protocols.wwks2.orders import (
    Channel as Channel,
)
from firmware_protocols.wwks2.orders import (
    ChannelCriteria as ChannelCriteria,
)
from firmware_protocols.wwks2.orders import (
    Configuration as Configuration,
)
from firmware_protocols.wwks2.orders import (
    Content as Content,
)
from firmware_protocols.wwks2.orders import (
    DeliveryState as DeliveryState,
)
from firmware_protocols.wwks2.orders import (
    DeliveryTask as DeliveryTask,
)
from firmware_protocols.wwks2.orders import (
    InfeedAnswer as InfeedAnswer,
)
from firmware_protocols.wwks2.orders import (
    InfeedDetails as InfeedDetails,
)
from firmware_protocols.wwks2.orders import (
    InfeedOutcome as InfeedOutcome,
)
from firmware_protocols.wwks2.orders import (
    InfeedPlacing as InfeedPlacing,
)
from firmware_protocols.wwks2.orders import (
    InfeedTask as InfeedTask,
)
from firmware_protocols.wwks2.orders import (
    InitiateAnswer as InitiateAnswer,
)
from firmware_protocols.wwks2.orders import (
    InitiateDetails as InitiateDetails,
)
from firmware_protocols.wwks2.orders import (
    InitiateOutcome as InitiateOutcome,
)
from firmware_protocols.wwks2.orders import (
    Label as Label,
)
from firmware_protocols.wwks2.orders import (
    OrderDetails as OrderDetails,
)
from firmware_protocols.wwks2.orders import (
    OutcomeDetails as OutcomeDetails,
)
from firmware_protocols.wwks2.orders import (
    OutputCriteria as OutputCriteria,
)
from firmware_protocols.wwks2.orders import (
    OutputDetails as OutputDetails,
)
from firmware_protocols.wwks2.orders import (
    OutputState as OutputState,
)
from firmware_protocols.wwks2.orders import (
    OutputTask as OutputTask,
)
from firmware_protocols.wwks2.orders import (
    StockLocation as StockLocation,
)
from firmware_protocols.wwks2.orders import (
    Task as Task,
)
from firmware_protocols.wwks2.orders import (
    TaskState as TaskState,
)
from firmware_protocols.wwks2.stock import (
    Article as Article,
)
from firmware_protocols.wwks2.stock import (
    Capability as Capability,
)
from firmware_protocols.wwks2.stock import (
    Component as Component,
)
from firmware_protocols.wwks2.stock import (
    DeliveredArticle as DeliveredArticle,
)
from firmware_protocols.wwks2.stock import (
    Error as Error,
)
from firmware_protocols.wwks2.stock import (
    Handling as Handling,
)
from firmware_protocols.wwks2.stock import (
    InputComponent as InputComponent,
)
from firmware_protocols.wwks2.stock import (
    MasterArticle as MasterArticle,
)
from firmware_protocols.wwks2.stock import (
    Pack as Pack,
)
from firmware_protocols.wwks2.stock import (
    ProductCode as ProductCode,
)
from firmware_protocols.wwks2.stock import (
    Quotation as Quotation,
)
from firmware_protocols.wwks2.stock import (
    SetResult as SetResult,
)
from firmware_protocols.wwks2.stock import (
    StockCriteria as StockCriteria,
)
from firmware_protocols.wwks2.stock import (
    StockDelivery as StockDelivery,
)
from firmware_protocols.wwks2.stock import (
    Subscriber as Subscriber,
)
from firmware_protocols.wwks2.stock import (
    UpdateDetails as UpdateDetails,
)
