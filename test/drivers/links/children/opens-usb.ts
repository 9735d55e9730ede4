import { systemClock } from '../../../../base/clock.ts'
import { UsbLink } from '../../../../drivers/links/usb.ts'

/** Opens the device of /sys with the package itself, and prints the result. */
const link = new UsbLink({
  ids: { vendorId: '0x0dd4', productId: '0x01a8', serialNumber: 'K3' },
  clock: systemClock,
})
const outcome = await link.connect().then(
  () => 'open',
  (error: { deviceCode?: string; message: string }) => ({ code: error.deviceCode, message: error.message }),
)
await link.close()
console.log(JSON.stringify(outcome))
