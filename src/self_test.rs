//! Every way to give credit held against journeys whose channel effects are known.

use crate::attribution::{AttributionError, AttributionOptions, MethodCredit, attribute_on};
use crate::channels::{CompareOptions, CreditRule, CreditedModel, model_credit};
use crate::error::Coded;
use crate::evaluate;
use crate::job::Host;
use crate::prepare::{self, Dataset, Journeys, PrepareError, PrepareOptions};
use crate::simulate::{self, JourneyOptions, JourneyTruth, Scenario, SimulateError};
use crate::train::{self, TrainError, TrainOptions, TrainingData};
use burn::tensor::Device;
use serde::{Deserialize, Serialize};

/// The models that can be asked for beside the methods without one.
const MODELS: [&str; 3] = ["logistic", "journey", "transformer"];
/// Journeys that a model is asked about.
const ASKED: usize = 20_000;

/// What to test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SelfTestOptions {
    /// Defaults to all.
    pub scenarios: Vec<Scenario>,
    /// Of each scenario. Defaults to 20000.
    pub journeys: usize,
    /// Defaults to 42.
    pub seed: u64,
    /// Defaults to all rules, Markov, Shapley and logistic regression.
    pub methods: Option<Vec<String>>,
    /// How the models' credit is worked out. Defaults to each way that has a truth here: Shapley, and
    /// leaving channels out.
    pub model_rule: Option<CreditRule>,
}

impl Default for SelfTestOptions {
    fn default() -> Self {
        Self {
            scenarios: Scenario::ALL.to_vec(),
            journeys: 20_000,
            seed: 42,
            methods: None,
            model_rule: None,
        }
    }
}

/// A channel's share by one method.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TestedShare {
    /// The channel.
    pub channel: String,
    /// Of all conversions credited.
    pub share: f64,
}

/// What a method says it works out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Estimand {
    /// The conversions that would be missing without a channel's effect: what a marketer asks of credit,
    /// and so what rules are held against, which say nothing of the kind themselves.
    Removal,
    /// The Shapley value of the chances of conversion.
    Shapley,
}

/// How far one method is from the truth.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TestedMethod {
    /// Its name.
    pub method: &'static str,
    /// How touches were left out, for models.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<&'static str>,
    /// Which truth it is held against.
    pub estimand: Estimand,
    /// The mean over channels of |share − true share|, by that truth.
    pub mean_absolute_error: f64,
    /// The same by removal.
    pub removal_error: f64,
    /// The same by the Shapley value.
    pub shapley_error: f64,
    /// In the order of the truth.
    pub shares: Vec<TestedShare>,
}

/// All methods on one kind of journeys.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TestedScenario {
    /// What the effects are like.
    pub scenario: Scenario,
    /// Simulated.
    pub journeys: usize,
    /// Of them, those that converted.
    pub conversions: usize,
    /// What the channels did.
    pub truth: Vec<JourneyTruth>,
    /// The nearest to the truth first.
    pub methods: Vec<TestedMethod>,
}

/// The result of a self-test.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SelfTest {
    /// In the order asked for.
    pub scenarios: Vec<TestedScenario>,
}

/// Why no test could be made.
#[derive(Debug, thiserror::Error)]
pub enum SelfTestError {
    /// Of the simulator.
    #[error(transparent)]
    Simulate(#[from] SimulateError),
    /// Of the preparation.
    #[error(transparent)]
    Prepare(#[from] PrepareError),
    /// Of the credit.
    #[error(transparent)]
    Credit(#[from] AttributionError),
    /// Of a training.
    #[error(transparent)]
    Train(#[from] TrainError),
}

impl Coded for SelfTestError {
    fn code(&self) -> &'static str {
        match self {
            Self::Simulate(error) => error.code(),
            Self::Prepare(error) => error.code(),
            Self::Credit(error) => error.code(),
            Self::Train(error) => error.code(),
        }
    }

    fn detail(&self) -> Option<String> {
        match self {
            Self::Simulate(error) => error.detail(),
            Self::Prepare(error) => error.detail(),
            Self::Credit(error) => error.detail(),
            Self::Train(error) => error.detail(),
        }
    }
}

/// Simulates journeys, prepares them as a file of touches would be, and works out the credit by every
/// method, trained models among them.
///
/// # Errors
/// [`SelfTestError`].
pub async fn self_test<H: Host>(
    options: &SelfTestOptions,
    host: &mut H,
) -> Result<SelfTest, SelfTestError> {
    let mut scenarios = Vec::new();
    for &scenario in &options.scenarios {
        scenarios.push(tested(scenario, options, host).await?);
    }
    Ok(SelfTest { scenarios })
}

async fn tested<H: Host>(
    scenario: Scenario,
    options: &SelfTestOptions,
    host: &mut H,
) -> Result<TestedScenario, SelfTestError> {
    let made = simulate::journeys(&JourneyOptions {
        journeys: options.journeys,
        scenario,
        seed: options.seed,
    })?;
    let (table, schema) = (made.touches_alone(), made.schema());
    let preparing = PrepareOptions::default().check()?;
    let (dataset, _) = prepare::prepare(&table, &schema, &preparing)?;
    let mut credit = Vec::new();
    if let Some(journeys) = &dataset.journeys {
        let rules = AttributionOptions {
            methods: options.methods.clone(),
            resamples: 0,
            ..AttributionOptions::default()
        };
        let paths = journeys.to_paths(&dataset.y, None, None);
        credit = attribute_on(&paths, None, &rules, host).await?.credit;
    }
    for model in MODELS {
        let wanted = match &options.methods {
            Some(methods) => methods.iter().any(|method| method == model),
            None => model == "logistic",
        };
        if wanted {
            credit.extend(learned(&dataset, model, options, host).await?);
        }
    }
    let mut methods: Vec<TestedMethod> =
        credit.iter().map(|one| against(&made.truth, one)).collect();
    crate::order::sort_by(&mut methods, |a, b| {
        a.mean_absolute_error.total_cmp(&b.mean_absolute_error)
    });
    Ok(TestedScenario {
        scenario,
        journeys: options.journeys,
        conversions: made.conversions,
        truth: made.truth,
        methods,
    })
}

/// Trains a model as the page would and asks it for credit by every rule.
async fn learned<H: Host>(
    dataset: &Dataset,
    model: &'static str,
    options: &SelfTestOptions,
    host: &mut H,
) -> Result<Vec<MethodCredit>, SelfTestError> {
    let training = TrainOptions {
        model: Some(model.to_owned()),
        ..TrainOptions::default()
    };
    let training = training.check(dataset.split.train.len())?;
    let data = TrainingData::from(dataset);
    let fit = train::fit(&data, &training, &Device::flex(), model, host).await?;
    let mut scorer = |journeys: &Journeys, x: &[f32]| {
        evaluate::predict(&fit, x, dataset.width(), Some(journeys)).0
    };
    let asked = CreditedModel {
        method: model,
        run_id: model.to_owned(),
        most: ASKED,
        covariance: None,
    };
    let both = [CreditRule::SampledShapley, CreditRule::LeaveOneChannelOut];
    let rules = options
        .model_rule
        .map_or_else(|| both.to_vec(), |rule| vec![rule]);
    let mut credit = Vec::new();
    for rule in rules {
        let comparing = CompareOptions {
            resamples: Some(0),
            seed: Some(options.seed),
            model_rule: rule,
            ..CompareOptions::default()
        };
        credit.extend(model_credit(dataset, &mut scorer, &asked, &comparing, host).await);
    }
    Ok(credit)
}

fn estimand(credit: &MethodCredit) -> Estimand {
    match credit.rule {
        Some(rule) if rule == CreditRule::SampledShapley.name() => Estimand::Shapley,
        _ => Estimand::Removal,
    }
}

fn against(truth: &[JourneyTruth], credit: &MethodCredit) -> TestedMethod {
    let share = |truth: &JourneyTruth| {
        let channel = credit
            .channels
            .iter()
            .find(|channel| channel.name == truth.channel);
        TestedShare {
            channel: truth.channel.clone(),
            share: channel.map_or(0.0, |channel| channel.share),
        }
    };
    let shares: Vec<TestedShare> = truth.iter().map(share).collect();
    let error = |of: fn(&JourneyTruth) -> f64| {
        let off = |(found, truth): (&TestedShare, &JourneyTruth)| (found.share - of(truth)).abs();
        shares.iter().zip(truth).map(off).sum::<f64>() / truth.len() as f64
    };
    let removal_error = error(|truth| truth.share);
    let shapley_error = error(|truth| truth.shapley_share);
    let estimand = estimand(credit);
    TestedMethod {
        method: credit.method,
        rule: credit.rule,
        estimand,
        mean_absolute_error: match estimand {
            Estimand::Removal => removal_error,
            Estimand::Shapley => shapley_error,
        },
        removal_error,
        shapley_error,
        shares,
    }
}
