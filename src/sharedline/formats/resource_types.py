"""The type that AWS's finding format gives a resource, read off its ARN."""

from __future__ import annotations

import re

from sharedline.formats.source import arn

#: Tried in order against `service:resource` of the ARN. Every type is a member of the format's
#: resource details (a test holds them against botocore), but the account, which has no details.
_TYPES = tuple(
    (re.compile(pattern), kind)
    for pattern, kind in (
        (r"iam:root$", "AwsAccount"),
        (r"s3:accesspoint/", "AwsS3AccessPoint"),
        (r"s3:[^:]*/", "AwsS3Object"),
        (r"s3:[^:*]+$", "AwsS3Bucket"),
        (r"ec2:instance/", "AwsEc2Instance"),
        (r"ec2:volume/", "AwsEc2Volume"),
        (r"ec2:vpc/", "AwsEc2Vpc"),
        (r"ec2:subnet/", "AwsEc2Subnet"),
        (r"ec2:security-group/", "AwsEc2SecurityGroup"),
        (r"ec2:network-acl/", "AwsEc2NetworkAcl"),
        (r"ec2:network-interface/", "AwsEc2NetworkInterface"),
        (r"ec2:launch-template/", "AwsEc2LaunchTemplate"),
        (r"ec2:route-table/", "AwsEc2RouteTable"),
        (r"ec2:elastic-ip/", "AwsEc2Eip"),
        (r"ec2:transit-gateway/", "AwsEc2TransitGateway"),
        (r"ec2:vpc-peering-connection/", "AwsEc2VpcPeeringConnection"),
        (r"ec2:vpc-endpoint-service/", "AwsEc2VpcEndpointService"),
        (r"ec2:vpn-connection/", "AwsEc2VpnConnection"),
        (r"ec2:client-vpn-endpoint/", "AwsEc2ClientVpnEndpoint"),
        (r"iam:user/", "AwsIamUser"),
        (r"iam:role/", "AwsIamRole"),
        (r"iam:group/", "AwsIamGroup"),
        (r"iam:policy/", "AwsIamPolicy"),
        (r"lambda:function:", "AwsLambdaFunction"),
        (r"lambda:layer:", "AwsLambdaLayerVersion"),
        (r"rds:db:", "AwsRdsDbInstance"),
        (r"rds:cluster:", "AwsRdsDbCluster"),
        (r"rds:snapshot:", "AwsRdsDbSnapshot"),
        (r"rds:cluster-snapshot:", "AwsRdsDbClusterSnapshot"),
        (r"rds:es:", "AwsRdsEventSubscription"),
        (r"kms:key/", "AwsKmsKey"),
        (r"sns:[^:*]+$", "AwsSnsTopic"),
        (r"sqs:[^:*]+$", "AwsSqsQueue"),
        (r"dynamodb:table/[^/]+$", "AwsDynamoDbTable"),
        (r"ecr:repository/", "AwsEcrRepository"),
        (r"ecs:cluster/", "AwsEcsCluster"),
        (r"ecs:service/", "AwsEcsService"),
        (r"ecs:task-definition/", "AwsEcsTaskDefinition"),
        (r"ecs:task/", "AwsEcsTask"),
        (r"eks:cluster/", "AwsEksCluster"),
        (r"elasticloadbalancing:loadbalancer/(app|net|gwy)/", "AwsElbv2LoadBalancer"),
        (r"elasticloadbalancing:loadbalancer/", "AwsElbLoadBalancer"),
        (r"autoscaling:autoScalingGroup:", "AwsAutoScalingAutoScalingGroup"),
        (r"autoscaling:launchConfiguration:", "AwsAutoScalingLaunchConfiguration"),
        (r"backup:backup-vault:", "AwsBackupBackupVault"),
        (r"backup:backup-plan:", "AwsBackupBackupPlan"),
        (r"backup:recovery-point:", "AwsBackupRecoveryPoint"),
        (r"acm:certificate/", "AwsCertificateManagerCertificate"),
        (r"cloudfront:distribution/", "AwsCloudFrontDistribution"),
        (r"cloudtrail:trail/", "AwsCloudTrailTrail"),
        (r"cloudwatch:alarm:", "AwsCloudWatchAlarm"),
        (r"guardduty:detector/[^/]+$", "AwsGuardDutyDetector"),
        (r"secretsmanager:secret:", "AwsSecretsManagerSecret"),
        (r"es:domain/", "AwsOpenSearchServiceDomain"),
        (r"redshift:cluster:", "AwsRedshiftCluster"),
        (r"route53:hostedzone/", "AwsRoute53HostedZone"),
        (r"wafv2:(regional|global)/webacl/", "AwsWafv2WebAcl"),
        (r"wafv2:(regional|global)/rulegroup/", "AwsWafv2RuleGroup"),
        (r"apigateway:/restapis/[^/]+$", "AwsApiGatewayRestApi"),
        (r"apigateway:/restapis/[^/]+/stages/", "AwsApiGatewayStage"),
        (r"apigateway:/apis/[^/]+$", "AwsApiGatewayV2Api"),
        (r"apigateway:/apis/[^/]+/stages/", "AwsApiGatewayV2Stage"),
        (r"elasticfilesystem:access-point/", "AwsEfsAccessPoint"),
        (r"elasticbeanstalk:environment/", "AwsElasticBeanstalkEnvironment"),
        (r"kinesis:stream/", "AwsKinesisStream"),
        (r"states:stateMachine:", "AwsStepFunctionStateMachine"),
        (r"events:event-bus/", "AwsEventsEventbus"),
        (r"codebuild:project/", "AwsCodeBuildProject"),
        (r"cloudformation:stack/", "AwsCloudFormationStack"),
        (r"sagemaker:notebook-instance/", "AwsSageMakerNotebookInstance"),
    )
)
NAMES = frozenset(kind for _, kind in _TYPES)


def resource_type(resource: str) -> str:
    """The format's name of the resource's type, or `Other`."""
    parts = arn(resource)
    text = f"{parts.service}:{parts.resource}"
    return next((kind for pattern, kind in _TYPES if pattern.match(text)), "Other")
