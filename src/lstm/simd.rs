//! Four numbers at a time, by the instructions that every browser and every x86-64 has.
//!
//! One operation is the same on all of them, rounding included (nothing is fused), so that a result does not
//! depend on where it was computed.

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
use core::arch::wasm32 as arch;
#[cfg(target_arch = "x86_64")]
use core::arch::x86_64 as arch;

/// How many numbers lie in an [`F4`].
pub(super) const LANES: usize = 4;

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
type Raw = arch::v128;
#[cfg(target_arch = "x86_64")]
type Raw = arch::__m128;
#[cfg(not(any(
    target_arch = "x86_64",
    all(target_arch = "wasm32", target_feature = "simd128")
)))]
type Raw = [f32; LANES];

/// Four numbers.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(super) struct F4(Raw);

macro_rules! binary {
    ($name:ident, $wasm:ident, $x86:ident, $scalar:expr) => {
        #[inline(always)]
        pub(super) fn $name(self, other: Self) -> Self {
            #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
            return Self(arch::$wasm(self.0, other.0));
            // SAFETY: SSE2 is part of x86-64.
            #[cfg(target_arch = "x86_64")]
            #[allow(unused_unsafe)]
            return Self(unsafe { arch::$x86(self.0, other.0) });
            #[cfg(not(any(
                target_arch = "x86_64",
                all(target_arch = "wasm32", target_feature = "simd128")
            )))]
            return Self(core::array::from_fn(|lane| {
                let operation: fn(f32, f32) -> f32 = $scalar;
                operation(self.0[lane], other.0[lane])
            }));
        }
    };
}

impl F4 {
    /// One number four times.
    #[inline(always)]
    pub(super) fn splat(value: f32) -> Self {
        #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
        return Self(arch::f32x4_splat(value));
        // SAFETY: SSE2 is part of x86-64.
        #[cfg(target_arch = "x86_64")]
        #[allow(unused_unsafe)]
        return Self(unsafe { arch::_mm_set1_ps(value) });
        #[cfg(not(any(
            target_arch = "x86_64",
            all(target_arch = "wasm32", target_feature = "simd128")
        )))]
        return Self([value; LANES]);
    }

    /// The four numbers at an address.
    ///
    /// # Safety
    /// Four numbers must be readable there; the address need not be aligned to more than one number.
    #[inline(always)]
    pub(super) unsafe fn load(from: *const f32) -> Self {
        // SAFETY: the caller's.
        #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
        return Self(unsafe { arch::v128_load(from.cast()) });
        // SAFETY: the caller's.
        #[cfg(target_arch = "x86_64")]
        return Self(unsafe { arch::_mm_loadu_ps(from) });
        // SAFETY: the caller's.
        #[cfg(not(any(
            target_arch = "x86_64",
            all(target_arch = "wasm32", target_feature = "simd128")
        )))]
        return Self(unsafe { from.cast::<[f32; LANES]>().read_unaligned() });
    }

    /// The number at an address four times.
    ///
    /// # Safety
    /// One number must be readable there.
    #[inline(always)]
    pub(super) unsafe fn load_splat(from: *const f32) -> Self {
        // SAFETY: the caller's.
        #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
        return Self(unsafe { arch::v128_load32_splat(from.cast()) });
        // SAFETY: the caller's.
        #[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
        return Self::splat(unsafe { *from });
    }

    /// Writes the four numbers to an address.
    ///
    /// # Safety
    /// Four numbers must be writable there; the address need not be aligned to more than one number.
    #[inline(always)]
    pub(super) unsafe fn store(self, to: *mut f32) {
        // SAFETY: the caller's.
        #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
        return unsafe { arch::v128_store(to.cast(), self.0) };
        // SAFETY: the caller's.
        #[cfg(target_arch = "x86_64")]
        return unsafe { arch::_mm_storeu_ps(to, self.0) };
        // SAFETY: the caller's.
        #[cfg(not(any(
            target_arch = "x86_64",
            all(target_arch = "wasm32", target_feature = "simd128")
        )))]
        return unsafe { to.cast::<[f32; LANES]>().write_unaligned(self.0) };
    }

    binary!(add, f32x4_add, _mm_add_ps, |a, b| a + b);
    binary!(sub, f32x4_sub, _mm_sub_ps, |a, b| a - b);
    binary!(mul, f32x4_mul, _mm_mul_ps, |a, b| a * b);
    binary!(div, f32x4_div, _mm_div_ps, |a, b| a / b);

    /// `self + a · b`, rounded twice.
    #[inline(always)]
    pub(super) fn add_product(self, a: Self, b: Self) -> Self {
        self.add(a.mul(b))
    }

    /// The numbers within `±bound`; a NaN stays one.
    #[inline(always)]
    fn within(self, bound: f32) -> Self {
        let (low, high) = (Self::splat(-bound), Self::splat(bound));
        #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
        return Self(arch::f32x4_pmin(arch::f32x4_pmax(self.0, low.0), high.0));
        // SAFETY: SSE2 is part of x86-64. The second operand is what a NaN in either gives.
        #[cfg(target_arch = "x86_64")]
        #[allow(unused_unsafe)]
        return Self(unsafe { arch::_mm_min_ps(high.0, arch::_mm_max_ps(low.0, self.0)) });
        #[cfg(not(any(
            target_arch = "x86_64",
            all(target_arch = "wasm32", target_feature = "simd128")
        )))]
        return Self(self.0.map(|value| value.clamp(low.0[0], high.0[0])));
    }

    /// 2 to the power of the whole number that was added to 1.5·2²³.
    #[inline(always)]
    fn power_of_shifted(self) -> Self {
        #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
        return Self(arch::i32x4_add(
            arch::i32x4_shl(self.0, 23),
            arch::i32x4_splat(0x3f80_0000),
        ));
        // SAFETY: SSE2 is part of x86-64.
        #[cfg(target_arch = "x86_64")]
        #[allow(unused_unsafe)]
        return Self(unsafe {
            let moved = arch::_mm_slli_epi32::<23>(arch::_mm_castps_si128(self.0));
            arch::_mm_castsi128_ps(arch::_mm_add_epi32(
                moved,
                arch::_mm_set1_epi32(0x3f80_0000),
            ))
        });
        #[cfg(not(any(
            target_arch = "x86_64",
            all(target_arch = "wasm32", target_feature = "simd128")
        )))]
        return Self(
            self.0
                .map(|value| f32::from_bits((value.to_bits() << 23).wrapping_add(0x3f80_0000))),
        );
    }

    /// `2^(factor · x)`, to 3e-7 of its value where `factor · x` needs no rounding; clamped to ±126.
    ///
    /// With `n` the nearest whole number and `f` the rest, `2ⁿ · 2^f`, and for `2^f` the polynomial of the fifth
    /// degree whose greatest relative error over ±½ is smallest (Remez' exchange algorithm; 7.5e-8 before its
    /// coefficients are rounded), in the order of Estrin (1960), whose products do not wait for one another.
    #[inline(always)]
    fn power_of_two(self, factor: f32) -> Self {
        // Adding 1.5·2²³ rounds to a whole number.
        let shift = Self::splat(12_582_912.0);
        let x = self.mul(Self::splat(factor)).within(126.0);
        let shifted = x.add(shift);
        let rest = x.sub(shifted.sub(shift));
        let pair = |low, high| Self::splat(low).add_product(Self::splat(high), rest);
        let square = rest.mul(rest);
        let upper = pair(2.402_212e-1, 5.550_713e-2)
            .add_product(pair(9.675_541e-3, 1.327_647_2e-3), square);
        let power = pair(1.000_000_1, 6.931_469_4e-1).add_product(upper, square);
        power.mul(shifted.power_of_shifted())
    }

    /// `1/(1 + e^(−x))`, to 2e-7.
    #[inline(always)]
    pub(super) fn sigmoid(self) -> Self {
        let one = Self::splat(1.0);
        one.div(one.add(self.power_of_two(-core::f32::consts::LOG2_E)))
    }

    /// The hyperbolic tangent, to 3e-7.
    #[inline(always)]
    pub(super) fn tanh(self) -> Self {
        let one = Self::splat(1.0);
        let power = self.power_of_two(-2.0 * core::f32::consts::LOG2_E);
        Self::splat(2.0).div(one.add(power)).sub(one)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(x: f32, function: fn(F4) -> F4) -> f64 {
        let mut out = [0.0; LANES];
        // SAFETY: the array holds four numbers.
        unsafe { function(F4::splat(x)).store(out.as_mut_ptr()) };
        f64::from(out[3])
    }

    #[test]
    fn squashing_functions_are_close_to_exact() {
        for step in -4000..=4000 {
            let x = step as f32 / 100.0;
            let exact = f64::from(x);
            assert!((at(x, F4::tanh) - exact.tanh()).abs() < 3e-7, "{x}");
            let logistic = 1.0 / (1.0 + (-exact).exp());
            assert!((at(x, F4::sigmoid) - logistic).abs() < 2e-7, "{x}");
        }
    }

    #[test]
    fn powers_of_two_are_close_to_exact() {
        for step in -5120..=5120 {
            let x = step as f32 / 1024.0;
            let exact = f64::from(x).exp2();
            let power = at(x, |x| x.power_of_two(1.0));
            assert!((power / exact - 1.0).abs() < 3e-7, "{x}");
        }
    }

    #[test]
    fn extremes_saturate_and_a_nan_stays() {
        for x in [f32::INFINITY, 1e30] {
            assert_eq!((at(x, F4::sigmoid), at(-x, F4::tanh)), (1.0, -1.0));
            assert!(at(-x, F4::sigmoid) < 1e-30);
        }
        assert!(at(f32::NAN, F4::sigmoid).is_nan());
        assert!(at(f32::NAN, F4::tanh).is_nan());
    }
}
