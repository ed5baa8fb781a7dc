package query

// opalVerbs are the verbs of Observe's OPAL, deprecated ones included. A statement begins with one.
var opalVerbs = newWordList(`add_key add_metric_tags addfk addkey addmetric addprimarykey aggregate align always bottomk bucketize changelog coldrop colenum
	colimmutable colmake colpick colregex colrename colsearchable colshow dedup distinct drop_col drop_interface drop_key
	drop_metric dropcol dropinterface ever exists extract_regex fill filter filter_last filter_repeated flatten flatten_all
	flatten_leaves flatten_single flattenall flattenleaves flattensingle follow follow_not fulljoin histogram interface
	join left_join leftjoin leftlookup limit lookup lookup_around lookup_ip_info make_col make_event make_interval
	make_metric make_reference make_resource make_session make_table makeevent makeinterval makeresource makesession
	maketable merge_events mergeevents never not_exists notexists pick_col pivot presence reaggregate rename_col rollup
	row_to_col sample sequence set_col_enum set_col_immutable set_col_searchable set_col_visible set_dataset_alias
	set_key set_label set_link set_metric set_metric_metadata set_primary_key set_timestamp set_valid_from
	set_valid_to setlabel setlink setpk setvf setvt sort statsby surrounding timechart timeshift timestats timewrap topk
	union unpivot unset_all_links unset_keys unset_link unset_primary_key unsetlink update_resource window_agg`)

// opalAlone are the verbs that may stand without an argument.
var opalAlone = newWordList(`dedup distinct make_event make_interval make_table makeevent makeinterval maketable presence unset_all_links
	unset_keys unset_primary_key`)

// opalFunctions are OPAL's functions, which keep their names under every policy.
var opalFunctions = newWordList(`abs any any_not_null append_item arccos_deg arccos_rad arcsin_deg arcsin_rad arctan2_deg arctan2_rad
	arctan_deg arctan_rad array array_agg array_agg_distinct array_contains array_distinct array_length array_max array_min
	array_null array_to_string array_union_agg arrays_overlap asc ascii avg bin_end_time bin_size bin_start_time bool
	bool_null bucketize case ceil check_json coalesce column concat_arrays concat_strings contains cos_deg cos_rad count
	count_distinct count_distinct_exact count_distinct_rollup count_regex_matches countdistinct countdistinctexact
	decode_base64 decode_uri decode_uri_component decode_url degrees delta delta_monotonic dense_rank deriv desc detect_browser
	drop_fields duration duration_hr duration_min duration_ms duration_null duration_sec editdistance embed_sql_params
	encode_base64 encode_uri encode_uri_component ends_with eq ewma exp first first_not_null float64 float64_null floor
	format_time frame frame_exact frame_following frame_preceding from_base64 from_hours from_microseconds from_milliseconds
	from_minutes from_nanoseconds from_seconds get_field get_item get_jmespath group_by gt gte hash hash_agg
	hash_agg_distinct haversine_distance_km histogram_combine histogram_quantile histogram_count histogram_sum if if_null ifnull
	in index_of_item insert_item int64 int64_null int64_to_ipv4 int_div intersect_arrays ipv4 ipv4_address_in_network
	ipv4_network_int64 ipv4_to_int64 is_null isnull join label lag lag_not_null last last_not_null lead lead_not_null left
	len like ln log lower lt lte ltrim m m_exponential_histogram m_histogram m_object m_tdigest make_array make_array_range
	make_fields make_object match_regex max md5 median median_exact merge_objects metric min mod mode ne nearest_number not
	not_null nth_value null numeric_null object object_agg object_keys object_null object_values on options order_by
	otel_exponential_histogram_quantile otel_exponential_histogram_sum otel_histogram_quantile parse_csv parse_duration
	parse_hex parse_ip parse_isotime parse_json parse_kvs parse_timestamp parse_url parseip parsejson parsekvs path_exists
	percentile percentile_cont percentile_disc pi pick_fields pivot_array position pow primary_key prom_quantile quantile
	query_end_time query_start_time radians rank rate regex regexp replace replace_regex right round row_number rtrim
	same_size_buckets search sha2 sin_deg sin_rad sort_array sparse_array_agg split split_part sqrt starts_with stddev strcat
	string string_agg string_agg_distinct string_concat string_null strlen strpos substring sum tan_deg tan_rad tags tdigest
	tdigest_agg tdigest_combine tdigest_quantile timestamp timestamp_hr timestamp_min timestamp_ms timestamp_null
	timestamp_ns timestamp_s to_days to_hours to_milliseconds to_minutes to_nanoseconds to_seconds to_weeks tokenize
	tokenize_part tokenizepart topk_agg trim unique unpivot_array upper uuid valid_for valid_from valid_to variant_null
	variant_type_name width_bucket window zscore`)
