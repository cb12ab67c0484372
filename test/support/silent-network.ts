import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const IP = '/usr/sbin/ip';

/** Whether networks can be made here: that takes root, and the package iproute2. */
export function canMakeNetworks(): boolean {
  return process.getuid?.() === 0 && existsSync(IP);
}

/** A network namespace with a cable to this machine, through which packets can vanish without a word. */
export class SilentNetwork {
  private static made = 0;
  private readonly name: string;
  private readonly own: string;
  /** Of what runs in it. */
  readonly address: string;

  constructor() {
    const number = (process.pid * 4 + SilentNetwork.made++) % 250;
    this.name = `silent-${process.pid}-${number}`;
    this.own = `10.231.${number}.1`;
    this.address = `10.231.${number}.2`;
    const [outer, inner] = [`so${process.pid}n${number}`, `si${process.pid}n${number}`].map((cable) =>
      cable.slice(0, 15),
    ) as [string, string];
    ip('netns', 'add', this.name);
    ip('link', 'add', outer, 'type', 'veth', 'peer', 'name', inner, 'netns', this.name);
    ip('address', 'add', `${this.own}/30`, 'dev', outer);
    ip('link', 'set', outer, 'up');
    ip('-netns', this.name, 'address', 'add', `${this.address}/30`, 'dev', inner);
    ip('-netns', this.name, 'link', 'set', inner, 'up');
    ip('-netns', this.name, 'link', 'set', 'lo', 'up');
  }

  /** Runs a command in it, which follows as arguments. */
  get wrapper(): string[] {
    return [IP, 'netns', 'exec', this.name];
  }

  /** Drops every packet that comes from it from now on. */
  silence(): void {
    ip('-netns', this.name, 'route', 'add', 'blackhole', `${this.own}/32`);
  }

  remove(): void {
    ip('netns', 'delete', this.name);
  }
}

function ip(...options: string[]): void {
  execFileSync(IP, options, { stdio: ['ignore', 'ignore', 'pipe'] });
}
