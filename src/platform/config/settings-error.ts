/** A setting that can't be used. The message is one line: the variable's name and what it takes. */
export class SettingsError extends Error {}
