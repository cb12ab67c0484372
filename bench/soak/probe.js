import { monitorEventLoopDelay } from 'node:perf_hooks';

// Loaded into the program by --import. Once a second it sends the process that started it the delay of its event loop,
// in milliseconds, and its memory, in bytes.
const RESOLUTION_MS = 10;
const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
delay.enable();
// The histogram's delays include the time from one sample to the next.
const timeOf = (/** @type {number} */ nanoseconds) => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS);

setInterval(() => {
  process.send?.({ p99: timeOf(delay.percentile(99)), rss: process.memoryUsage.rss() });
}, 1_000).unref();
process.channel?.unref();
