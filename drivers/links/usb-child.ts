import { serve } from '../native/child.ts'
import { NativeFault } from '../native/protocol.ts'
import type { UsbCalls, UsbNews } from './usb-calls.ts'
import type { PipeDevice } from './usb-pipe.ts'
import { UsbPipe } from './usb-pipe.ts'

let pipe: UsbPipe | undefined

const report = serve<UsbCalls, UsbNews>({
  open: async (address) => {
    pipe = await UsbPipe.open(await devices(), address)
    void readOn(pipe)
    return undefined
  },
  write: async ({ bytes }) => {
    if (!pipe) throw new NativeFault('USB_NOT_FOUND', 'no device is open')
    await pipe.write(bytes)
    return undefined
  },
})

async function devices(): Promise<readonly PipeDevice[]> {
  // Throws if the package or its compiled part for this processor is not installed: both are optional dependencies.
  const loaded: object = await import('usb').catch(() => {
    throw new NativeFault(
      'USB_MODULE_MISSING',
      'the package usb is not installed: install the program again (npm ci in a clone)',
    )
  })
  // The package's own types are those of browsers.
  const { usb } = loaded as { usb: { getDevices(): Promise<readonly PipeDevice[]> } }
  return await usb.getDevices().catch((error: unknown) => {
    throw new NativeFault('USB_FAILED', error instanceof Error ? error.message : 'the bus cannot be listed')
  })
}

async function readOn(from: UsbPipe): Promise<void> {
  try {
    for (;;) {
      const bytes = await from.read()
      if (bytes.length > 0) report({ bytes })
    }
  } catch (error) {
    report({ lost: error instanceof Error ? error.message : 'unknown cause' })
  }
}
