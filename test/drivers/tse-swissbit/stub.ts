import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Compiles the stand-in for the vendor's library; a compiler comes with the packages that the tests install. */
export function compileStub(into: string): string {
  const source = fileURLToPath(new URL('../../../drivers/tse-swissbit/worm-stub.c', import.meta.url))
  const library = `${into}/libWormAPI.so`
  execFileSync('cc', ['-Wall', '-Wextra', '-Werror', '-shared', '-fPIC', '-O1', '-o', library, source])
  return library
}
