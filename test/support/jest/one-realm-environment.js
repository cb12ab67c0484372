import { ModernFakeTimers } from '@jest/fake-timers';
import { ModuleMocker } from 'jest-mock';

/** @import { JestEnvironmentConfig } from '@jest/environment' */

/**
 * Runs a test file in the realm of its worker. Jest's own environment makes a new realm for each file, with an `Array` and an
 * `Error` of its own, so that no package that was loaded outside can work inside.
 *
 * What a file changes of the process is put back after it.
 */
export default class OneRealmEnvironment {
  /** @param {JestEnvironmentConfig} config */
  constructor({ projectConfig }) {
    this.global = globalThis;
    this.moduleMocker = new ModuleMocker(globalThis);
    this.fakeTimersModern = new ModernFakeTimers({ config: projectConfig, global: globalThis });
    this.putBack = rememberProcess();
    // A file starts many programs, and each of them listens to the end of the process.
    process.setMaxListeners(0);
  }

  setup() {
    // Jest asks for it.
  }

  teardown() {
    this.fakeTimersModern.dispose();
    this.putBack();
  }

  exportConditions() {
    return ['node', 'node-addons'];
  }

  /** Never read: shared-packages-runtime.js compiles for the realm that it is in. */
  getVmContext() {
    return {};
  }
}

/** Returns what puts back the globals, the environment variables and the listeners of the process. */
function rememberProcess() {
  const globals = new Set(Reflect.ownKeys(globalThis));
  const { console, process } = globalThis;
  const exit = /** @type {unknown} */ (Reflect.get(process, 'exit'));
  const variables = { ...process.env };
  const listeners = new Map(process.eventNames().map((name) => [name, new Set(process.rawListeners(name))]));
  return () => {
    for (const key of Reflect.ownKeys(globalThis)) {
      if (!globals.has(key)) Reflect.deleteProperty(globalThis, key);
    }
    Object.assign(globalThis, { console });
    Object.assign(process, { env: variables, exit });
    for (const name of process.eventNames()) {
      for (const listener of process.rawListeners(name)) {
        if (!listeners.get(name)?.has(listener)) process.off(name, /** @type {() => void} */ (listener));
      }
    }
  };
}
