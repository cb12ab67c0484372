import { monitorEventLoopDelay } from 'node:perf_hooks';

// Loaded into the program by --import. Once a second it tells the process that started it how long its event loop was
// kept, in milliseconds, and how much memory it has, in bytes.
const RESOLUTION = 10;
const delay = monitorEventLoopDelay({ resolution: RESOLUTION });
delay.enable();
// The histogram counts from one look to the next, the time between them included.
const timeOf = (/** @type {number} */ nanoseconds) => Math.max(0, nanoseconds / 1e6 - RESOLUTION);

setInterval(() => {
  process.send?.({ p99: timeOf(delay.percentile(99)), rss: process.memoryUsage.rss() });
}, 1_000).unref();
process.channel?.unref();
