/**
 * Numbers as ASCII digits straight into bytes: the shortest text that reads back to the same double, as `String` gives
 * it, without a string for each. Most columns of a flow are small integers; the rest are means and deviations with all
 * their digits, for which the product with a power of ten is kept as an unevaluated sum of two doubles.
 * Source: T. J. Dekker, A floating-point technique for extending the available precision, Numer. Math. 18, 1971.
 */

/** No number takes more bytes: sign, 17 digits, point, exponent, and leading zeros of a fraction. */
export const maxNumberBytes = 32

const zero = 0x30
const point = 0x2e
const minus = 0x2d
const maxInt32 = 0x7fffffff

/** `powers[p]` is 10^p, exact up to 22. */
const powers = Float64Array.from({ length: 23 }, (_, p) => Number(`1e${p}`))
/** Both halves of each power, of at most 26 bits. */
const powersHigh = powers.map(highHalf)
const powersLow = powers.map((power, p) => power - (powersHigh[p] as number))
/** Half of the distance between two doubles by the biased exponent of the smaller one. */
const halfSteps = Float64Array.from({ length: 1100 }, (_, exponent) => 2 ** (exponent - 1076))

/** The digits of 0 to 99, two bytes each. */
const pairs = Uint8Array.from(
  { length: 200 },
  (_, i) => zero + (i % 2 === 0 ? Math.floor(i / 20) : (i >> 1) % 10),
)

const double = new Float64Array(1)
const words = new Uint32Array(double.buffer)
/** What lies so close to a border, as a share of the distance, is left to `String`. */
const edge = 1e-9

/** @returns where the next byte goes @param value finite */
export function writeNumber(out: Uint8Array, at: number, value: number): number {
  if (value >= 0 && value <= maxInt32 && value === (value | 0)) return writeInt32(out, at, value)
  if (value < 0) {
    out[at] = minus
    return writeNumber(out, at + 1, -value)
  }
  if (Number.isSafeInteger(value)) {
    const high = Math.floor(value / 1e8)
    const end = high <= maxInt32 ? writeInt32(out, at, high) : writeNumber(out, at, high)
    return writePadded(out, end, value - high * 1e8, 8)
  }
  if (value >= 1e-6 && value < 1e15) {
    const end = writeFraction(out, at, value)
    if (end !== at) return end
  }
  return writeText(out, at, String(value))
}

/** @param text ASCII @returns where the next byte goes */
export function writeText(out: Uint8Array, at: number, text: string): number {
  for (let i = 0; i < text.length; i++) out[at + i] = text.charCodeAt(i)
  return at + text.length
}

function writeInt32(out: Uint8Array, at: number, value: number): number {
  if (value < 10) {
    out[at] = zero + value
    return at + 1
  }
  return writePadded(out, at, value, digitsOf(value))
}

function digitsOf(value: number): number {
  let digits = 1
  while (digits < 10 && value >= (powers[digits] as number)) digits++
  return digits
}

/** The last `digits` digits of an int32, with zeros in front. */
function writePadded(out: Uint8Array, at: number, value: number, digits: number): number {
  let rest = value | 0
  let i = at + digits
  for (; i >= at + 2; i -= 2) {
    const hundredth = (rest / 100) | 0
    const pair = (rest - hundredth * 100) << 1
    out[i - 2] = pairs[pair] as number
    out[i - 1] = pairs[pair + 1] as number
    rest = hundredth
  }
  if (i > at) out[at] = zero + (rest % 10)
  return at + digits
}

/** @param value at least 1e-6 and below 1e15 @returns `at` where the digits could not be decided */
function writeFraction(out: Uint8Array, at: number, value: number): number {
  // Digits in front of the point; 0 and below for leading zeros behind it.
  let whole = 1
  if (value >= 1) while (value >= (powers[whole] as number)) whole++
  else {
    whole = 0
    while (value * (powers[-whole + 1] as number) < 1) whole--
  }
  // A number of up to 15 digits is read back right, and two such numbers never meet in one double.
  const short = 15 - whole
  const rounded = Math.round(value * (powers[short] as number))
  if (rounded / (powers[short] as number) === value) return writeShort(out, at, rounded, short)

  double[0] = value
  const high = words[1] as number
  // A power of two: its neighbours are not equally far.
  if ((high & 0xfffff) === 0 && words[0] === 0) return at
  const halfStep = halfSteps[high >>> 20] as number
  const valueHigh = highHalf(value)
  const valueLow = value - valueHigh
  for (let p = short + 1; p <= short + 2; p++) {
    const product = value * (powers[p] as number)
    const error = productError(product, valueHigh, valueLow, p)
    const below = Math.floor(product)
    const fraction = product - below + error
    const nearest = Math.round(fraction)
    const distance = Math.abs(nearest - fraction)
    if (distance > 0.5 - edge) return at
    const reach = halfStep * (powers[p] as number)
    if (distance > reach * (1 + edge)) continue
    if (distance > reach * (1 - edge)) return at
    // More than 2^53: in two parts.
    let upper = Math.floor(below / 1e8)
    let lower = below - upper * 1e8 + nearest
    if (lower < 0) {
      upper--
      lower += 1e8
    } else if (lower >= 1e8) {
      upper++
      lower -= 1e8
    }
    return writeDigits(out, at, upper, lower, p)
  }
  return at
}

/** What `product` lacks of the exact value * 10^p. */
function productError(product: number, high: number, low: number, p: number): number {
  const powerHigh = powersHigh[p] as number
  const powerLow = powersLow[p] as number
  return high * powerHigh - product + high * powerLow + low * powerHigh + low * powerLow
}

function highHalf(value: number): number {
  const scaled = value * 134_217_729
  return scaled - (scaled - value)
}

/** `digits` / 10^behind without zeros at its end. */
function writeShort(out: Uint8Array, at: number, digits: number, behind: number): number {
  const upper = Math.floor(digits / 1e8)
  let end = writeDigits(out, at, upper, digits - upper * 1e8, behind)
  while (out[end - 1] === zero) end--
  return out[end - 1] === point ? end - 1 : end
}

/** (`upper` * 1e8 + `lower`) / 10^behind, with all its digits. */
function writeDigits(out: Uint8Array, at: number, upper: number, lower: number, behind: number): number {
  const upperDigits = digitsOf(upper)
  const whole = upperDigits + 8 - behind
  let end = at
  if (whole <= 0) {
    out[end++] = zero
    out[end++] = point
    for (let i = whole; i < 0; i++) out[end++] = zero
    return writePadded(out, writePadded(out, end, upper, upperDigits), lower, 8)
  }
  // One place to the right, then what stands in front of the point goes back.
  end = writePadded(out, writePadded(out, at + 1, upper, upperDigits), lower, 8)
  for (let i = at; i < at + whole; i++) out[i] = out[i + 1] as number
  out[at + whole] = point
  return end
}
