import LabelPolicy

extension PriceTable {
    /// Linux, pay as you go, as the Azure Retail Prices API gave them.
    static let azure = PriceTable(
        origin: PriceOrigin(
            cloud: .azure, page: "https://azure.microsoft.com/pricing/details/virtual-machines/linux/",
            region: "eastus", date: CivilDate(daysSinceEpoch: 20_622)),  // 2026-06-18
        families: azureFamilies, types: azureTypes)

    private static let azureFamilies = """
        Standard_D*s_v3    4    0.048    2 4 8 16 32 48 64
        Standard_D*s_v4    4    0.048    2 4 8 16 32 48 64
        Standard_D*s_v5    4    0.048    2 4 8 16 32 48 64 96
        Standard_D*_v3     4    0.048    2 4 8 16 32 48 64
        Standard_D*_v5     4    0.048    2 4 8 16 32 48 64 96
        Standard_D*as_v4   4    0.048    2 4 8 16 32 48 64 96
        Standard_D*as_v5   4    0.043    2 4 8 16 32 48 64 96
        Standard_D*ds_v4   4    0.0565   2 4 8 16 32 48 64
        Standard_D*ds_v5   4    0.0565   2 4 8 16 32 48 64 96
        Standard_D*ads_v5  4    0.0515   2 4 8 16 32 48 64 96
        Standard_D*ads_v6  4    0.057    2 4 8 16 32 48 64 96
        Standard_E*s_v3    8    0.063    2 4 8 16 20 32 48
        Standard_E*s_v4    8    0.063    2 4 8 16 20 32 48 64
        Standard_E*s_v5    8    0.063    2 4 8 16 20 32 48 64 96
        Standard_E*as_v4   8    0.063    2 4 8 16 20 32 48 64 96
        Standard_E*as_v5   8    0.0565   2 4 8 16 20 32 48 64 96
        Standard_E*ds_v4   8    0.072    2 4 8 16 20 32 48 64
        Standard_E*ds_v5   8    0.072    2 4 8 16 20 32 48 64 96
        Standard_E*ads_v5  8    0.0655   2 4 8 16 20 32 48 64 96
        """

    private static let azureTypes = """
        Standard_F2s_v2            2    4     0   -          0.0846
        Standard_F4s_v2            4    8     0   -          0.169
        Standard_F8s_v2            8    16    0   -          0.338
        Standard_F16s_v2           16   32    0   -          0.677
        Standard_F32s_v2           32   64    0   -          1.353
        Standard_F48s_v2           48   96    0   -          2.03
        Standard_F64s_v2           64   128   0   -          2.706
        Standard_F72s_v2           72   144   0   -          3.045
        Standard_D2s_v6            2    8     0   -          0.101
        Standard_D4s_v6            4    16    0   -          0.202
        Standard_D8s_v6            8    32    0   -          0.403
        Standard_D16s_v6           16   64    0   -          0.806
        Standard_D32s_v6           32   128   0   -          1.613
        Standard_D48s_v6           48   192   0   -          2.419
        Standard_D64s_v6           64   256   0   -          3.226
        Standard_D96s_v6           96   384   0   -          4.838
        Standard_D2ds_v6           2    8     0   -          0.125
        Standard_D4ds_v6           4    16    0   -          0.249
        Standard_D8ds_v6           8    32    0   -          0.498
        Standard_D16ds_v6          16   64    0   -          0.997
        Standard_D32ds_v6          32   128   0   -          1.993
        Standard_D48ds_v6          48   192   0   -          2.99
        Standard_D64ds_v6          64   256   0   -          3.987
        Standard_D96ds_v6          96   384   0   -          5.98
        Standard_D2as_v6           2    8     0   -          0.0908
        Standard_D4as_v6           4    16    0   -          0.182
        Standard_D8as_v6           8    32    0   -          0.363
        Standard_D16as_v6          16   64    0   -          0.726
        Standard_D32as_v6          32   128   0   -          1.453
        Standard_D48as_v6          48   192   0   -          2.179
        Standard_D64as_v6          64   256   0   -          2.906
        Standard_D96as_v6          96   384   0   -          4.358
        Standard_E2s_v6            2    16    0   -          0.132
        Standard_E4s_v6            4    32    0   -          0.265
        Standard_E8s_v6            8    64    0   -          0.529
        Standard_E16s_v6           16   128   0   -          1.058
        Standard_E32s_v6           32   256   0   -          2.117
        Standard_E48s_v6           48   384   0   -          3.175
        Standard_E64s_v6           64   512   0   -          4.234
        Standard_E64s_v3           64   432   0   -          3.629
        Standard_DS1_v2            1    3.5   0   -          0.073
        Standard_DS2_v2            2    7     0   -          0.146
        Standard_DS3_v2            4    14    0   -          0.293
        Standard_DS4_v2            8    28    0   -          0.585
        Standard_DS5_v2            16   56    0   -          1.17
        Standard_B1s               1    1     0   -          0.0104
        Standard_B1ms              1    2     0   -          0.0207
        Standard_B2s               2    4     0   -          0.0416
        Standard_B2ms              2    8     0   -          0.0832
        Standard_B4ms              4    16    0   -          0.166
        Standard_B8ms              8    32    0   -          0.333
        Standard_B12ms             12   48    0   -          0.499
        Standard_B16ms             16   64    0   -          0.666
        Standard_B20ms             20   80    0   -          0.832
        Standard_NC4as_T4_v3       4    28    1   T4         0.526
        Standard_NC8as_T4_v3       8    56    1   T4         0.752
        Standard_NC16as_T4_v3      16   110   1   T4         1.204
        Standard_NC64as_T4_v3      64   440   4   T4         4.352
        Standard_NC6s_v3           6    112   1   V100       3.06
        Standard_NC12s_v3          12   224   2   V100       6.12
        Standard_NC24s_v3          24   448   4   V100       12.24
        Standard_NC24ads_A100_v4   24   220   1   A100-80GB  3.673
        Standard_NC48ads_A100_v4   48   440   2   A100-80GB  7.346
        Standard_NC96ads_A100_v4   96   880   4   A100-80GB  14.692
        Standard_NC40ads_H100_v5   40   320   1   H100       6.98
        Standard_NC80adis_H100_v5  80   640   2   H100       13.96
        Standard_ND40rs_v2         40   672   8   V100       22.032
        Standard_ND96asr_v4        96   900   8   A100-40GB  27.197
        Standard_ND96amsr_A100_v4  96   1900  8   A100-80GB  32.77
        Standard_ND96isr_H100_v5   96   1900  8   H100       98.32
        Standard_NV36ads_A10_v5    36   440   1   A10        3.2
        Standard_NV72ads_A10_v5    72   880   2   A10        6.52
        """

    /// Regions whose Linux prices equal those of eastus.
    static let azureEqualRegions: Set<String> = ["eastus2", "westus2", "westus3"]
}
