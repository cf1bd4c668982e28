export interface IoDeviceModel {
  readonly device: string;
  readonly readBytesTotal: number | undefined;
  readonly writtenBytesTotal: number | undefined;
  readonly readsTotal: number | undefined;
  readonly writesTotal: number | undefined;
  /** Over the last two readings of io.stat, which may be some cycles old. */
  readonly readBytesPerSecond: number | undefined;
  readonly writtenBytesPerSecond: number | undefined;
  /** io.weight for this device: its own line, else the default. */
  readonly weight: number | undefined;
  /** The cost controller is on for the device, so that io.weight counts (io.stat tells `cost.usage` only then). */
  readonly costControlled: boolean;
}

export interface IoModel {
  readonly devices: readonly IoDeviceModel[] | undefined;
  readonly weight: number | undefined;
  readonly bfqWeight: number | undefined;
}

export interface BlockDeviceModel {
  /** `MAJ:MIN`, as io.stat names it. */
  readonly device: string;
  readonly name: string;
  readonly scheduler: string | undefined;
}
