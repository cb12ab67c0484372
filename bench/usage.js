import { readFile } from 'node:fs/promises';

/** USER_HZ, the unit in which Linux counts, on every machine. */
const TICKS_PER_SECOND = 100;

/**
 * Processor time that a process has used, all its threads together, in seconds; NaN where there is no /proc.
 *
 * @param {number} pid
 */
export async function cpuSecondsOf(pid) {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The name, in parentheses, may have spaces in it. utime and stime are the 12th and 13th after it (proc(5)).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11] ?? NaN) + Number(fields[12] ?? NaN)) / TICKS_PER_SECOND;
}

/**
 * Resident memory of a process, in megabytes; NaN where there is no /proc.
 *
 * @param {number} pid
 */
export async function residentMegabytesOf(pid) {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB/m.exec(status) ?? [];
  return Math.round(Number(kilobytes ?? NaN) / 1024);
}
