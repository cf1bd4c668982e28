/** Where the node's file systems are, from the command line. */
export interface NodePaths {
  readonly cgroupfs: string;
  readonly procfs: string;
  readonly sysfs: string;
  readonly podlogs: string;
}
