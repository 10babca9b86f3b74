/// The schema of the Hercules database as an ordered list of migrations in plain SQL.
///
/// Every file in `Migrations` stands here once, in the order in which it runs; a test compares the list with
/// the folder. A migration that has shipped is never edited: a change of the schema is a new file.
public enum DatabaseSchema {
    /// One step from an older schema to a newer one.
    public struct Migration: Sendable {
        /// The file's name without `.sql`; written into each database the migration has been applied to.
        public let name: String
        /// One or more SQL statements.
        public let sql: String
    }

    /// All migrations, oldest first.
    public static let migrations: [Migration] = [
        migration("V001-definitions", PackageResources.V001_definitions_sql),
        migration("V002-measurements", PackageResources.V002_measurements_sql),
        migration("V003-searches", PackageResources.V003_searches_sql),
        migration("V004-plans", PackageResources.V004_plans_sql),
        migration("V005-replays", PackageResources.V005_replays_sql),
        migration("V006-views", PackageResources.V006_views_sql),
        migration("V007-measurement-facts", PackageResources.V007_measurement_facts_sql),
        migration("V008-jobs", PackageResources.V008_jobs_sql),
        migration("V009-token-figures", PackageResources.V009_token_figures_sql),
        migration("V010-schedule-groups", PackageResources.V010_schedule_groups_sql),
        migration("V011-plan-goals", PackageResources.V011_plan_goals_sql),
        migration("V012-online", PackageResources.V012_online_sql),
        migration("V013-request-level", PackageResources.V013_request_level_sql),
        migration("V027-throughput-comparisons", PackageResources.V027_throughput_comparisons_sql),
        migration("V034-comparison-beside-profile", PackageResources.V034_comparison_beside_profile_sql),
        migration("V035-pipelines", PackageResources.V035_pipelines_sql),
        migration("V036-imports", PackageResources.V036_imports_sql),
        migration("V037-schedule-kinds", PackageResources.V037_schedule_kinds_sql),
        migration("V038-plan-inputs", PackageResources.V038_plan_inputs_sql),
        migration("V039-frontiers", PackageResources.V039_frontiers_sql),
        migration("V040-cell-failures", PackageResources.V040_cell_failures_sql),
        migration("V041-precision", PackageResources.V041_precision_sql),
        migration("V044-imported-figures", PackageResources.V044_imported_figures_sql),
        migration("V048-outcome-digests", PackageResources.V048_outcome_digests_sql),
        migration("V051-run-variants", PackageResources.V051_run_variants_sql),
        migration("V054-series", PackageResources.V054_series_sql),
        migration("V070-studies", PackageResources.V070_studies_sql),
        migration("V080-live-checks", PackageResources.V080_live_checks_sql),
        migration("V081-trace-token-lengths", PackageResources.V081_trace_token_lengths_sql),
        migration("V084-step-calibrations", PackageResources.V084_step_calibrations_sql),
        migration("V085-serving-outcomes", PackageResources.V085_serving_outcomes_sql),
        migration("V086-controller", PackageResources.V086_controller_sql),
        migration("V090-request-level-tokens", PackageResources.V090_request_level_tokens_sql),
        migration("V092-controller-memory", PackageResources.V092_controller_memory_sql),
    ]

    /// The `application_id` in the header of every Hercules database: "HRCL" in ASCII.
    public static let applicationID: Int32 = 0x4852_434C

    private static func migration(_ name: String, _ text: [UInt8]) -> Migration {
        Migration(name: name, sql: String(decoding: text, as: UTF8.self))
    }
}
