import { registerHooks } from 'node:module'

/**
 * Relative imports name their file, so that it need not be searched for. Vitest would also tell its main process of each
 * module of each process, and load each test file under an address of its own, for which no compiled code is kept: both
 * only for tests that run again when a file changes.
 */
if (process.env['VITEST_MODE'] === 'RUN') {
  registerHooks({
    resolve: (specifier, context, next) => {
      const isTest = /\.test\.ts(%3F|\?)vitest=\d+$/.test(specifier)
      const isOurs = specifier.startsWith('.') && specifier.endsWith('.ts') && context.parentURL !== undefined
      if (!isTest && !isOurs) return next(specifier, context)
      const { href } = new URL(isTest ? specifier.replace(/(%3F|\?).*/, '') : specifier, context.parentURL)
      return { url: href, format: 'module-typescript', shortCircuit: true }
    },
  })
}
