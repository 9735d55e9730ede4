import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { DeviceError, errorCode } from '../errors.ts'

const COMPILE_MS = 60_000

/**
 * Compiles the stand-in for the vendor's library into that folder and returns its path. `isByPath`: a library that does
 * not hold on to its unit. Throws `refused` none.
 */
export async function compileStub(into: string, { isByPath = false } = {}): Promise<string> {
  const source = fileURLToPath(new URL('./worm-stub.c', import.meta.url))
  const library = join(into, isByPath ? 'libWormByPath.so' : 'libWormAPI.so')
  const flags = ['-Wall', '-Wextra', '-Werror', '-shared', '-fPIC', '-O1', ...(isByPath ? ['-DBY_PATH'] : [])]
  try {
    await promisify(execFile)('cc', [...flags, '-o', library, source], { timeout: COMPILE_MS })
  } catch (error) {
    const isMissing = errorCode(error) === 'ENOENT'
    const why = isMissing ? 'a C compiler is needed: apt install gcc libc6-dev' : 'the C compiler failed'
    throw new DeviceError('refused', 'none', `the stand-in for libWormAPI cannot be compiled, ${why}`)
  }
  return library
}
