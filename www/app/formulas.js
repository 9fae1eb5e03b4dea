/**
 * The formulas of what is shown, in notation that needs no translation. C(c) is what a channel c is credited with; other
 * signs are told where a formula stands.
 *
 * @type {{ readonly [name: string]: string }}
 */
export const formulas = {
  'method.first': 'C(c) = Σⱼ [x₁ = c]',
  'method.last': 'C(c) = Σⱼ [xₙ = c]',
  'method.lastNonDirect': 'C(c) = Σⱼ [xₖ = c]\nk = max {i : xᵢ ≠ direct}',
  'method.linear': 'C(c) = Σⱼ Σᵢ [xᵢ = c] / n',
  'method.timeDecay': 'C(c) = Σⱼ Σᵢ wᵢ [xᵢ = c] / Σᵢ wᵢ\nwᵢ = 2^(−dᵢ/h)',
  'method.position': 'C(c) = Σⱼ Σᵢ wᵢ [xᵢ = c]\nw₁ = wₙ = 0.4, wᵢ = 0.2 / (n − 2)',
  'method.markov': 'RE(c) = 1 − P(1 | c → 0) / P(1)\nC(c) = N · RE(c) / Σ RE',
  'method.shapley': 'C(c) = Σⱼ [c ∈ Sⱼ] / |Sⱼ|',
  'method.shapleyOrdered': 'Cᵢ(c) = Σⱼ [xᵢ = c] / (|Sⱼ| · #{k : xₖ = c})',
  'method.logistic': 'C(c) = N · Δ(c) / Σ Δ\nΔ(c) = Σ p(j) − p(j ∖ c)',
  'method.journey': 'C(c) = N · Δ(c) / Σ Δ\nΔ(c) = Σ p(j) − p(j ∖ c)',
  'method.transformer': 'C(c) = N · Δ(c) / Σ Δ\nΔ(c) = Σ p(j) − p(j ∖ c)',
  'term.share': 'C(c) / N',
  'term.difference': 'C(c) − C₀(c)',
  'term.change': '(C₂(c) − C₁(c)) / C₁(c)',
  'term.rankChance': '#{b : r(c, b) = r} / B',
  'money.cac': 'cost(c) / C′(c)',
  'money.costPerConversion': 'cost(c) / C(c)',
  'money.roas': 'V(c) / cost(c)',
  'money.profit': 'V(c) − cost(c)',
  'money.marginalCac': 'Δcost(c) / ΔC(c)',
  'money.marginalRoas': 'ΔV(c) / Δcost(c)',
  'term.planned': 'max Σ f(x), Σ x = B',
  'term.outcome': 'f(x) = base + scale · x^s / (x^s + half^s)',
  'term.curve': 'f(x) = base + scale · x^s / (x^s + half^s)',
  'fit.oneMore': 'f′(x)',
  'term.removal': 'RE(c) = 1 − P(1 | c → 0) / P(1)',
  'term.transition': 'n(a → b) / n(a)',
  'term.score': 'ℓ − p · ln(n) / 2n',
  'term.pathRate': '(p + z²/2n ± z·√(p(1−p)/n + z²/4n²)) / (1 + z²/n)',
  'term.cohort': 'conv(c, t) / n(c, t)',
  'lift.difference': 'p₁ − p₀ ± z·√(p₁(1−p₁)/(n₁−1) + p₀(1−p₀)/(n₀−1))',
  'term.error': 'Σ |s(c) − t(c)| / 8',
  'term.odds': 'exp(β(c) − mean β)',
  'term.rate': '(p + z²/2n ± z·√(p(1−p)/n + z²/4n²)) / (1 + z²/n)',
};
