"""Every message of WWKS 2 but those of the digital shelf, as data; its element is called as its class. Shared by both halves.

`id` is text and goes back as it came. `source` and `destination` are device numbers: 100 the PIS, 999 downwards robots (1.2).
"""

from firmware_protocols.wwks2.stock_messages import (
    ArticleMasterSetRequest as ArticleMasterSetRequest,
)
from firmware_protocols.wwks2.stock_messages import (
    ArticleMasterSetResponse as ArticleMasterSetResponse,
)
from firmware_protocols.wwks2.stock_messages import (
    HelloRequest as HelloRequest,
)
from firmware_protocols.wwks2.stock_messages import (
    HelloResponse as HelloResponse,
)
from firmware_protocols.wwks2.stock_messages import (
    InputMessage as InputMessage,
)
from firmware_protocols.wwks2.stock_messages import (
    InputRequest as InputRequest,
)
from firmware_protocols.wwks2.stock_messages import (
    InputResponse as InputResponse,
)
from firmware_protocols.wwks2.stock_messages import (
    KeepAliveRequest as KeepAliveRequest,
)
from firmware_protocols.wwks2.stock_messages import (
    KeepAliveResponse as KeepAliveResponse,
)
from firmware_protocols.wwks2.stock_messages import (
    Lead as Lead,
)
from firmware_protocols.wwks2.stock_messages import (
    Message as Message,
)
from firmware_protocols.wwks2.stock_messages import (
    StatusRequest as StatusRequest,
)
from firmware_protocols.wwks2.stock_messages import (
    StatusResponse as StatusResponse,
)
from firmware_protocols.wwks2.stock_messages import (
    StockDeliveryInfoRequest as StockDeliveryInfoRequest,
)
from firmware_protocols.wwks2.stock_messages import (
    StockDeliveryInfoResponse as StockDeliveryInfoResponse,
)
from firmware_protocols.wwks2.stock_messages import (
    StockDeliverySetRequest as StockDeliverySetRequest,
)
from firmware_protocols.wwks2.stock_messages import (
    StockDeliverySetResponse as StockDeliverySetResponse,
)
from firmware_protocols.wwks2.stock_messages import (
    StockInfoMessage as StockInfoMessage,
)
from firmware_protocols.wwks2.stock_messages import (
    StockInfoRequest as StockInfoRequest,
)
from firmware_protocols.wwks2.stock_messages import (
    StockInfoResponse as StockInfoResponse,
)
from firmware_protocols.wwks2.stock_messages import (
    StockUpdateRequest as StockUpdateRequest,
)
from firmware_protocols.wwks2.stock_messages import (
    StockUpdateResponse as StockUpdateResponse,
)
from firmware_protocols.wwks2.stock_messages import (
    UnprocessedMessage as UnprocessedMessage,
)
from firmware_protocols.wwks2.stock_messages import (
    Unreadable as Unreadable,
)
from firmware_protocols.wwks2.task_messages import (
    ChannelConfigurationInfoRequest as ChannelConfigurationInfoRequest,
)
from firmware_protocols.wwks2.task_messages import (
    ChannelConfigurationInfoResponse as ChannelConfigurationInfoResponse,
)
from firmware_protocols.wwks2.task_messages import (
    ConfigurationGetRequest as ConfigurationGetRequest,
)
from firmware_protocols.wwks2.task_messages import (
    ConfigurationGetResponse as ConfigurationGetResponse,
)
from firmware_protocols.wwks2.task_messages import (
    InfeedInputMessage as InfeedInputMessage,
)
from firmware_protocols.wwks2.task_messages import (
    InfeedInputPackPlaceRequest as InfeedInputPackPlaceRequest,
)
from firmware_protocols.wwks2.task_messages import (
    InfeedInputPackPlaceResponse as InfeedInputPackPlaceResponse,
)
from firmware_protocols.wwks2.task_messages import (
    InfeedInputRequest as InfeedInputRequest,
)
from firmware_protocols.wwks2.task_messages import (
    InfeedInputResponse as InfeedInputResponse,
)
from firmware_protocols.wwks2.task_messages import (
    InitiateInputMessage as InitiateInputMessage,
)
from firmware_protocols.wwks2.task_messages import (
    InitiateInputRequest as InitiateInputRequest,
)
from firmware_protocols.wwks2.task_messages import (
    InitiateInputResponse as InitiateInputResponse,
)
from firmware_protocols.wwks2.task_messages import (
    OutputDestinationButtonPressedMessage as OutputDestinationButtonPressedMessage,
)
from firmware_protocols.wwks2.task_messages import (
    OutputDestinationStateIndicationSetRequest as OutputDestinationStateIndicationSetRequest,
)
from firmware_protocols.wwks2.task_messages import (
    OutputDestinationStateIndicationSetResponse as OutputDestinationStateIndicationSetResponse,
)
from firmware_protocols.wwks2.task_messages import (
    OutputInfoRequest as OutputInfoRequest,
)
from firmware_protocols.wwks2.task_messages import (
    OutputInfoResponse as OutputInfoResponse,
)
from firmware_protocols.wwks2.task_messages import (
    OutputMessage as OutputMessage,
)
from firmware_protocols.wwks2.task_messages import (
    OutputRequest as OutputRequest,
)
from firmware_protocols.wwks2.task_messages import (
    OutputResponse as OutputResponse,
)
from firmware_protocols.wwks2.task_messages import (
    StockLocationInfoRequest as StockLocationInfoRequest,
)
from firmware_protocols.wwks2.task_messages import (
    StockLocationInfoResponse as StockLocationInfoResponse,
)
from firmware_protocols.wwks2.task_messages import (
    TaskCancelInfeedInputRequest as TaskCancelInfeedInputRequest,
)
from firmware_protocols.wwks2.task_messages import (
    TaskCancelInfeedInputResponse as TaskCancelInfeedInputResponse,
)
from firmware_protocols.wwks2.task_messages import (
    TaskCancelOutputRequest as TaskCancelOutputRequest,
)
from firmware_protocols.wwks2.task_messages import (
    TaskCancelOutputResponse as TaskCancelOutputResponse,
)
from firmware_protocols.wwks2.task_messages import (
    TaskCancelRequest as TaskCancelRequest,
)
from firmware_protocols.wwks2.task_messages import (
    TaskCancelResponse as TaskCancelResponse,
)
from firmware_protocols.wwks2.task_messages import (
    TaskInfoRequest as TaskInfoRequest,
)
from firmware_protocols.wwks2.task_messages import (
    TaskInfoResponse as TaskInfoResponse,
)
