import { SettingsError } from './settings-error.js';

export type Environment = Record<string, string | undefined>;

/**
 * Reads typed values from environment variables. An empty variable counts as missing, because `docker compose` and `.env`
 * files write it so. Throws a {@link SettingsError} that names the variable and the accepted values.
 */
export class EnvironmentReader {
  constructor(private readonly environment: Environment) {}

  text(name: string, fallback: string): string {
    return this.optionalText(name) ?? fallback;
  }

  optionalText(name: string): string | undefined {
    const value = this.environment[name]?.trim();
    return value === '' ? undefined : value;
  }

  integer(name: string, fallback: number, range: { min: number; max: number }): number {
    const given = this.optionalText(name);
    if (given === undefined) return fallback;
    const value = /^\d+$/.test(given) ? Number(given) : NaN;
    if (value >= range.min && value <= range.max) return value;
    throw new SettingsError(
      `${name} takes a whole number from ${range.min} to ${range.max}, not ${JSON.stringify(given)}.`,
    );
  }

  flag(name: string, fallback: boolean): boolean {
    const given = this.optionalText(name)?.toLowerCase();
    if (given === undefined) return fallback;
    if (['true', '1', 'yes', 'on'].includes(given)) return true;
    if (['false', '0', 'no', 'off'].includes(given)) return false;
    throw new SettingsError(`${name} takes true or false, not ${JSON.stringify(given)}.`);
  }

  choice<T extends string>(name: string, fallback: T, choices: readonly T[]): T {
    const given = this.optionalText(name) ?? fallback;
    const choice = choices.find((candidate) => candidate === given);
    if (choice !== undefined) return choice;
    throw new SettingsError(`${name} takes one of ${choices.join(', ')}, not ${JSON.stringify(given)}.`);
  }
}
