/** The socket inode of a /proc/PID/fd link, `socket:[123]` giving 123. Undefined for any other kind of file. */
export function socketInode(target: string): number | undefined {
  const inode = /^socket:\[(\d{1,15})\]$/.exec(target)?.[1];
  return inode === undefined ? undefined : Number(inode);
}
