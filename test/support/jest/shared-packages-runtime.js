import { createRequire, isBuiltin } from 'node:module';
import { compileFunction } from 'node:vm';
import JestRuntime from 'jest-runtime';

/** The types are those of the package's CommonJS build. */
const Runtime = /** @type {typeof JestRuntime.default} */ (/** @type {unknown} */ (JestRuntime));

const requirePackage = createRequire(import.meta.url);

/**
 * Loads packages with Node.js itself, once in the life of a worker. Jest would transform and run all of Nest, TypeORM and their
 * kin again for each test file: about four seconds each. Tests and src/ are loaded anew for each file, as ever.
 */
export default class SharedPackagesRuntime extends Runtime {
  /** @param {ConstructorParameters<typeof Runtime>} options */
  constructor(...options) {
    super(...options);
    const executor = /** @type {{ compile: Function, injectedModuleParameters: string[] }} */ (
      Reflect.get(this, 'executor')
    );
    executor.compile = (/** @type {string} */ source, /** @type {string} */ filename) =>
      compileFunction(source, executor.injectedModuleParameters, { filename });
  }

  /**
   * @template T
   * @override
   * @param {string} from
   * @param {string} name
   * @returns {T}
   */
  requireModuleOrMock(from, name) {
    const isPackage = /^(@[a-z]|[a-z])/.test(name) && !isBuiltin(name) && name !== '@jest/globals';
    return isPackage ? requirePackage(name) : super.requireModuleOrMock(from, name);
  }
}
