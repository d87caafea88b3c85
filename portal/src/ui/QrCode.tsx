// A text as a picture that cameras read. It stays dark on light in both themes: many cameras read nothing else.
import encodeQR from 'qr'

/** Light modules around the code, as the standard wants them. */
const MARGIN = 4

/** Loaded when it is shown: `lazy(() => import('#/ui/QrCode'))`. */
export default function QrCode({ text, label }: { text: string; label: string }) {
  const modules = encodeQR(text, 'raw', { ecc: 'medium', border: MARGIN })
  const path = modules.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : [])))
  return (
    <svg
      viewBox={`0 0 ${modules.length} ${modules.length}`}
      role="img"
      aria-label={label}
      shapeRendering="crispEdges"
    >
      <rect width="100%" height="100%" fill="#fff" />
      <path d={path.join('')} fill="#000" />
    </svg>
  )
}
