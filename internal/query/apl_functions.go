package query

// aplFunctions are the scalar, aggregation and tabular functions and plugins of Axiom's APL and Kusto's KQL. They keep their
// names under every policy; functions that are not listed are named by their users and follow the policy for names.
const aplFunctions = `
	abs acos active_users_count activity_counts_metrics activity_engagement activity_metrics ago ai_chat_completion
	ai_chat_completion_prompt ai_embeddings all any anyif app arg_max arg_min argmax argmin around array_concat
	array_extract array_iff array_iif array_index_of array_length array_reverse array_rotate_left array_rotate_right
	array_select_dict array_shift_left array_shift_right array_slice array_sort_asc array_sort_desc array_split
	array_strcat array_sum asin assert atan atan2 autocluster avg avgif azure_digital_twins_query_request bag_has_key
	bag_keys bag_merge bag_pack bag_pack_columns bag_remove_keys bag_set_key bag_unpack bag_zip base64_decode_toarray
	base64_decode_toguid base64_decode_tostring base64_decodestring base64_encode_fromarray base64_encode_fromguid
	base64_encode_tostring base64_encodestring basket beta_cdf beta_inv beta_pdf bin bin_at bin_auto binary_all_and
	binary_all_or binary_all_xor binary_and binary_not binary_or binary_shift_left binary_shift_right binary_xor
	bitset_count_ones buildschema case ceiling cluster coalesce column_ifexists column_names_of columnifexists
	convert_angle convert_energy convert_force convert_length convert_mass convert_speed convert_temperature
	convert_volume cos cosmosdb_sql_request cot count count_distinct count_distinctif countif countof countof_regex
	covariance covarianceif covariancep covariancepif current_cluster_endpoint current_database current_principal
	current_principal_details current_principal_is_member_of cursor_after cursor_before_or_at cursor_current database
	datetime_add datetime_diff datetime_list_timezones datetime_local_to_utc datetime_part datetime_utc_to_local
	day_of_month day_of_week day_of_year dayofmonth dayofweek dayofyear dcount dcount_hll dcount_intersect dcountif
	degrees diffpatterns diffpatterns_text dynamic_to_json endofday endofmonth endofweek endofyear ensure_field erf erfc
	estimate_data_size exp exp10 exp2 extent_id extent_tags extentid external_table extract extract_all extract_json
	extractall extractjson find_pair floor format_bytes format_datetime format_ipv4 format_ipv4_mask format_sql
	format_timespan format_url funnel_sequence funnel_sequence_completion gamma genai_concat_contents
	genai_conversation_turns genai_cost genai_estimate_tokens genai_extract_assistant_response
	genai_extract_function_results genai_extract_system_prompt genai_extract_tool_calls genai_extract_user_prompt
	genai_get_content_by_index genai_get_content_by_role genai_get_pricing genai_get_role genai_has_tool_calls
	genai_input_cost genai_is_truncated genai_message_roles genai_output_cost geo_angle geo_azimuth
	geo_closest_point_on_line geo_closest_point_on_polygon geo_distance_2points geo_distance_point_to_line
	geo_distance_point_to_polygon geo_from_wkt geo_geohash_neighbors geo_geohash_to_central_point geo_geohash_to_polygon
	geo_h3cell_children geo_h3cell_level geo_h3cell_neighbors geo_h3cell_parent geo_h3cell_rings
	geo_h3cell_to_central_point geo_h3cell_to_polygon geo_info_from_ip_address geo_intersection_2lines
	geo_intersection_2polygons geo_intersection_line_with_polygon geo_intersects_2lines geo_intersects_2polygons
	geo_intersects_line_with_polygon geo_line_buffer geo_line_centroid geo_line_densify geo_line_interpolate_point
	geo_line_length geo_line_locate_point geo_line_lookup geo_line_simplify geo_line_to_s2cells geo_point_buffer
	geo_point_in_circle geo_point_in_polygon geo_point_to_geohash geo_point_to_h3cell geo_point_to_s2cell
	geo_polygon_area geo_polygon_buffer geo_polygon_centroid geo_polygon_densify geo_polygon_lookup
	geo_polygon_perimeter geo_polygon_simplify geo_polygon_to_h3cells geo_polygon_to_s2cells geo_s2cell_neighbors
	geo_s2cell_to_central_point geo_s2cell_to_polygon geo_simplify_polygons_array geo_union_lines_array
	geo_union_polygons_array getmonth gettype getyear graph gzip_compress_to_base64_string
	gzip_decompress_from_base64_string has_any_index has_any_ipv4 has_any_ipv4_prefix has_ipv4 has_ipv4_prefix hash
	hash_combine hash_many hash_md5 hash_sha1 hash_sha256 hash_sha512 hash_xxhash64 histogram histogramif hll hll_if
	hll_merge hour_of_day hourofday http_request http_request_post iff iif indexof indexof_regex infer_storage_schema
	infer_storage_schema_with_suggestions ingestion_time inline_external_table inner_nodes
	interpolate_cumulative_histogram interpolate_delta_histogram ipv4_compare ipv4_is_in_any_range ipv4_is_in_range
	ipv4_is_match ipv4_is_private ipv4_lookup ipv4_netmask_suffix ipv4_range_to_cidr_list ipv6_compare
	ipv6_is_in_any_range ipv6_is_in_range ipv6_is_match ipv6_lookup isarray isascii isbool iscc isempty isfinite isimei
	isinf isint ismap isnan isnotempty isnotnull isnull isreal isstring isutf8 jaccard_index labels len log log10 log2
	loggamma make_bag make_bag_if make_datetime make_list make_list_if make_list_with_nulls make_set make_set_if
	make_timespan makelist makeset map materialize materialized_view max max_of maxif merge_tdigest min min_of minif
	monthofyear mysql_request narrow new_activity_metrics new_guid next node_degree_in node_degree_out node_id not
	notempty notnull now pack pack_all pack_array pack_dictionary pair parse_bytes parse_command_line parse_csv
	parse_ipv4 parse_ipv4_mask parse_ipv6 parse_ipv6_mask parse_json parse_pair parse_path parse_sql parse_url
	parse_url_query parse_urlquery parse_user_agent parse_version parse_xml parseurl percentile percentile_array_tdigest
	percentile_tdigest percentileif percentiles percentiles_array percentiles_arrayif percentilesw percentilesw_array
	percentilew percentrank_tdigest phrases pi pivot postgresql_request pow prev preview punycode_domain_from_string
	punycode_domain_to_string punycode_from_string punycode_to_string python quote r radians rand range rank_tdigest
	rate regex_quote repeat replace replace_regex replace_string replace_strings reverse rolling_percentile round
	row_cumsum row_number row_rank_dense row_rank_min row_window_session rows_near schema_merge sequence_detect
	series_abs series_acos series_add series_asin series_atan series_ceiling series_cos series_cosine_similarity
	series_decompose series_decompose_anomalies series_decompose_forecast series_divide series_dot_product series_equals
	series_exp series_fft series_fill_backward series_fill_const series_fill_forward series_fill_linear series_fir
	series_fit_2lines series_fit_2lines_dynamic series_fit_line series_fit_line_dynamic series_fit_poly series_floor
	series_greater series_greater_equals series_ifft series_iir series_less series_less_equals series_log
	series_magnitude series_max series_min series_multiply series_not_equals series_outliers series_pearson_correlation
	series_periods_detect series_periods_validate series_pow series_product series_seasonal series_sign series_sin
	series_stats series_stats_dynamic series_subtract series_sum series_tan session_count set_difference set_has_element
	set_intersect set_union sign sin sliding_window_counts split spotlight sql_request sqrt startofday startofmonth
	startofweek startofyear stdev stdevif stdevp stored_query_result strcat strcat_array strcat_delim strcmp string_size
	strip_ansi_escapes strlen strrep substring sum sumif table take_any take_anyif tan tdigest tdigest_merge toarray
	tobool toboolean todatetime todecimal todouble todynamic tofloat toguid tohex toint tolong tolower topk topkif
	toreal toscalar tostring totimespan totitle toupper translate treepath trim trim_end trim_end_regex trim_regex
	trim_space trim_start trim_start_regex typeof unicode_codepoints_from_string unicode_codepoints_to_string
	unixtime_microseconds_todatetime unixtime_milliseconds_todatetime unixtime_nanoseconds_todatetime
	unixtime_seconds_todatetime url_decode url_encode url_encode_component variance varianceif variancep variancepif
	week_of_year weekofyear welch_test workspace zip zlib_base64_compress zlib_base64_decompress
	zlib_compress_to_base64_string zlib_decompress_from_base64_string
`

// aplCall is a word that stands before a bracket.
type aplCall struct {
	text string
	kind aplCallKind
}

type aplCallKind uint8

const (
	aplCallFunction aplCallKind = iota
	aplCallLiteral              // a literal that is written like a call: nothing of it is told
	aplCallTable                // a table whose schema and data follow
)

var aplCalls = func() words[aplCall] {
	m := map[string]aplCall{}
	for word := range wordSet(aplFunctions) {
		m[word] = aplCall{text: word}
	}
	for word := range wordSet(`bool boolean date datetime decimal double dynamic guid int long real time timespan uniqueid uuid`) {
		m[word] = aplCall{word, aplCallLiteral}
	}
	for word := range wordSet(`datatable externaldata external_data`) {
		m[word] = aplCall{word, aplCallTable}
	}
	return newWords(m)
}()
