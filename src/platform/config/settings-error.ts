/** An invalid setting. The message is one line with the variable's name and the accepted values. */
export class SettingsError extends Error {}
