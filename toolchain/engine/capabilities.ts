/**
 * Which capabilities this machine can give at all. Where one is missing, a privileged container can
 * only be started through the runtime shim. Pure: the caller brings the text of a process status.
 */

/** The kernel's capabilities in its own order (linux/capability.h): the index is the bit. */
export const CAPABILITIES = [
  'CHOWN',
  'DAC_OVERRIDE',
  'DAC_READ_SEARCH',
  'FOWNER',
  'FSETID',
  'KILL',
  'SETGID',
  'SETUID',
  'SETPCAP',
  'LINUX_IMMUTABLE',
  'NET_BIND_SERVICE',
  'NET_BROADCAST',
  'NET_ADMIN',
  'NET_RAW',
  'IPC_LOCK',
  'IPC_OWNER',
  'SYS_MODULE',
  'SYS_RAWIO',
  'SYS_CHROOT',
  'SYS_PTRACE',
  'SYS_PACCT',
  'SYS_ADMIN',
  'SYS_BOOT',
  'SYS_NICE',
  'SYS_RESOURCE',
  'SYS_TIME',
  'SYS_TTY_CONFIG',
  'MKNOD',
  'LEASE',
  'AUDIT_WRITE',
  'AUDIT_CONTROL',
  'SETFCAP',
  'MAC_OVERRIDE',
  'MAC_ADMIN',
  'SYSLOG',
  'WAKE_ALARM',
  'BLOCK_SUSPEND',
  'AUDIT_READ',
  'PERFMON',
  'BPF',
  'CHECKPOINT_RESTORE',
] as const

/** The names, without CAP_, that the bounding set in the text of `/proc/…/status` lacks. */
export function missingCapabilities(status: string): string[] {
  const found = /^CapBnd:\s*([0-9a-f]+)$/m.exec(status)
  if (!found?.[1]) return []
  const set = BigInt(`0x${found[1]}`)
  return CAPABILITIES.filter((_, bit) => (set & (1n << BigInt(bit))) === 0n)
}
