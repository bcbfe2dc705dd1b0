import type {
  ConsumerId,
  DtlsParameters,
  EdgeRegion,
  IceParameters,
  MediaKind,
  MediaSource,
  ParticipantId,
  ProducerId,
  RoomId,
  RtpCapabilities,
  RtpParameters,
  TransportDescription,
  TransportDirection,
  TransportId,
} from "../protocol/index.ts";

/** What the SFU tells of by itself. What signaling asked it to close is not told again. */
export interface SfuEvents {
  /** All that the transport carried went with it and is not told of one by one. */
  "transport:closed": { transportId: TransportId; reason: "worker-died" };
  "producer:closed": { producerId: ProducerId; reason: "worker-died" };
  "consumer:closed": { consumerId: ConsumerId; reason: "producer-closed" | "worker-died" };
  "consumer:layers": {
    consumerId: ConsumerId;
    layers: { spatialLayer: number; temporalLayer: number } | null;
  };
}

export interface ConsumerDescription {
  consumerId: ConsumerId;
  producerId: ProducerId;
  kind: MediaKind;
  rtpParameters: RtpParameters;
  producerPaused: boolean;
}

/**
 * All that signaling needs of an SFU: plain data both ways, so that the SFU may be in this process
 * or on another machine. Refusals are `ProtocolError`s with the codes of src/protocol. Closing
 * what is closed already does nothing.
 */
export interface SfuControl {
  on<Name extends keyof SfuEvents>(
    name: Name,
    listener: (event: SfuEvents[Name]) => void,
  ): () => void;

  /** The same for every room and worker. */
  routerRtpCapabilities(): Promise<RtpCapabilities>;

  /** Makes the room on its first transport. */
  createTransport(input: {
    roomId: RoomId;
    participantId: ParticipantId;
    direction: TransportDirection;
  }): Promise<TransportDescription>;
  connectTransport(input: {
    transportId: TransportId;
    dtlsParameters: DtlsParameters;
  }): Promise<void>;
  restartIce(input: { transportId: TransportId }): Promise<IceParameters>;
  closeTransport(input: { transportId: TransportId }): Promise<void>;

  createProducer(input: {
    transportId: TransportId;
    source: MediaSource;
    rtpParameters: RtpParameters;
    paused: boolean;
  }): Promise<{ producerId: ProducerId }>;
  setProducerPaused(input: { producerId: ProducerId; paused: boolean }): Promise<void>;
  closeProducer(input: { producerId: ProducerId }): Promise<void>;

  /** The consumer begins paused. */
  createConsumer(input: {
    transportId: TransportId;
    producerId: ProducerId;
    rtpCapabilities: RtpCapabilities;
  }): Promise<ConsumerDescription>;
  setConsumerPaused(input: { consumerId: ConsumerId; paused: boolean }): Promise<void>;
  setPreferredLayers(input: {
    consumerId: ConsumerId;
    spatialLayer: number;
    temporalLayer: number;
  }): Promise<void>;
  requestKeyFrame(input: { consumerId: ConsumerId }): Promise<void>;
  closeConsumer(input: { consumerId: ConsumerId }): Promise<void>;

  /** Closes whatever the room still has. */
  closeRoom(input: { roomId: RoomId }): Promise<void>;
}

/** Where clients find relays. */
export interface IceServerSource {
  /**
   * Each region once, the server's own first, with credentials made for the holder: a random id.
   * Empty where nothing relays.
   */
  regions(holder: string): EdgeRegion[];
}
